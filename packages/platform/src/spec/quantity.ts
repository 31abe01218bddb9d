/** Sizes and durations as text, without the schema library: the command line's help must not load it. */

const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;
export const sizePattern = /^([0-9]+(?:\.[0-9]+)?)(Ki|Mi|Gi|Ti)$/;

/** @returns bytes, or undefined when the text is no size. */
export function parseBytes(value: string): number | undefined {
  const match = sizePattern.exec(value.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * binary[match[2] as keyof typeof binary]);
}

/** Shortest exact form with a binary unit: 805306368 → `768Mi`. */
export function formatBytes(bytes: number): string {
  for (const unit of ["Ti", "Gi", "Mi", "Ki"] as const) {
    const scaled = bytes / binary[unit];
    if (Number.isInteger(scaled) && scaled > 0) return `${scaled}${unit}`;
  }
  return bytes >= binary.Mi ? `${(bytes / binary.Mi).toFixed(1)}Mi` : `${bytes}`;
}

const duration = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export const durationPattern = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/;

/** @returns milliseconds, or undefined when the text is no duration. */
export function parseDuration(value: string): number | undefined {
  const match = durationPattern.exec(value.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * duration[match[2] as keyof typeof duration]);
}

/** Milliseconds in the largest unit that keeps them whole: 900000 → `15m`. */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    const scaled = ms / duration[unit];
    if (Number.isInteger(scaled) && scaled > 0) return `${scaled}${unit}`;
  }
  return `${ms}ms`;
}
