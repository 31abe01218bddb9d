/** Figures as people read them. Pure. */

/** At most one digit behind the point, and none that says nothing. */
export const decimal = (value: number): string => String(Math.round(value * 10) / 10);

export const bitrate = (bitsPerSecond: number): string =>
  bitsPerSecond < 1e6
    ? `${Math.round(bitsPerSecond / 1e3)} kbit/s`
    : `${decimal(bitsPerSecond / 1e6)} Mbit/s`;
