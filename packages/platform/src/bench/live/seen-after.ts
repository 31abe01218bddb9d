/** From answers to bidders and what each of them was shown, to how long it took. Pure. */

export interface Accepted {
  /** Number of the bid in its auction. */
  readonly sequence: number;
  /** When its bidder had the answer, ms. */
  readonly at: number;
}

export interface Told {
  /** Number of bids in the state that was shown; it rises. */
  readonly version: number;
  readonly at: number;
}

/**
 * Of each bid, ms from its answer until the last of all who follow was shown it; 0 where all were shown it before.
 * Infinity where somebody never was.
 */
export const seenAfter = (
  accepted: readonly Accepted[],
  streams: readonly (readonly Told[])[],
): readonly number[] =>
  accepted.map(({ sequence, at }) =>
    Math.max(
      0,
      ...streams.map(
        (told) => (told.find(({ version }) => version >= sequence)?.at ?? Number.POSITIVE_INFINITY) - at,
      ),
    ),
  );
