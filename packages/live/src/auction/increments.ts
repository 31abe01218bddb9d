/** How much a bid has to rise, by the price it rises from. Amounts are whole minor units of the currency: cents, fen. */

export interface Band {
  /** The price from which this step counts. */
  readonly from: number;
  readonly step: number;
}

export const mostBands = 20;

/** No price reaches it: ten thousand million in most currencies, and far below what a double holds exactly. */
export const highestAmount = 1_000_000_000_000;

/** What is wrong with them, or undefined. The first band begins at 0, each further one above the one before it. */
export function wrongWith(bands: readonly Band[]): string | undefined {
  if (bands.length === 0 || bands.length > mostBands) return `1 to ${mostBands} bands`;
  if (bands[0]?.from !== 0) return "the first band is from 0";
  if (bands.some(({ step }) => !isAmount(step) || step === 0)) return "a step is a whole number above 0";
  if (bands.some(({ from }, i) => !isAmount(from) || from <= (bands[i - 1]?.from ?? -1)))
    return "bands rise from one to the next";
  return undefined;
}

/** Above 0 is asked for apart, where it has to be. */
export const isAmount = (value: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= highestAmount;

/** The step that a bid above `price` has to make. */
export function stepAt(bands: readonly Band[], price: number): number {
  const band = bands.findLast(({ from }) => from <= price);
  if (band === undefined) throw new Error("no band from 0");
  return band.step;
}
