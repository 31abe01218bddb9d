/** When a recording becomes a replay: not before its last segment can be there, and not never. Pure. */

export interface Recording {
  /** Unix ms; undefined while it is live. */
  readonly endedAt: number | undefined;
  /** When the ingest spoke of it last. */
  readonly heardAt: number | undefined;
  /** The ingest has said that all is there. */
  readonly whole: boolean;
}

/**
 * An ingest that still has segments says so every five seconds, for as long as MinIO is away; one that says nothing for
 * this long after the end has died with what it had. It leaves the rest of a minute to make the replay.
 */
export const silentMs = 40_000;

export function isDue({ endedAt, heardAt, whole }: Recording, now: number): boolean {
  if (endedAt === undefined) return false;
  return whole || now - Math.max(endedAt, heardAt ?? 0) >= silentMs;
}
