/** A figure that was measured, and the bound it was made for. Pure. */
import type { Text } from "../text.ts";

export interface Figure {
  readonly id: string;
  readonly title: Text;
  /** NaN: it could not be measured, and `note` says why. */
  readonly value: number;
  readonly bound: number;
  /** `×`: a ratio. */
  readonly unit: "s" | "ms" | "MiB" | "×" | "%" | "";
  /** It has to be as much as the bound; else it may be no more. */
  readonly atLeast?: true;
  /** How it came about: the least and the most, how often. */
  readonly note?: Text;
}

export const isMet = ({ value, bound, atLeast }: Figure): boolean =>
  atLeast === true ? value >= bound : value <= bound;

/** `9.87 s`, `12 ms`, `-` for what was not measured. */
export function shown({ unit }: Figure, value: number): string {
  if (Number.isNaN(value)) return "-";
  const isFine = unit !== "MiB" && unit !== "" && value < 10;
  return `${isFine ? value.toFixed(2) : Math.round(value)} ${unit}`.trimEnd();
}

/** The same with what it has to be: `≤ 13 s`. */
export const shownBound = (figure: Figure): string =>
  `${figure.atLeast === true ? "≥" : "≤"} ${shown(figure, figure.bound)}`;

/**
 * The value below which this part of all lies: the smallest that is not below `part` of them (nearest rank).
 * @returns NaN of none
 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
