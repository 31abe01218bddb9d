/**
 * Sizes and durations as a user writes them, parsed to plain numbers: bytes and milliseconds.
 * Binary units only, as in Kubernetes' quantities (Ki, Mi, Gi, Ti): a `512MB` is refused with the suggestion,
 * because half of the world's tools mean 10^6 by it and the other half 2^20.
 */
import { z } from "zod";

const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;
const sizePattern = /^([0-9]+(?:\.[0-9]+)?)(Ki|Mi|Gi|Ti)$/;

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
const durationPattern = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/;

/** @returns milliseconds, or undefined when the text is no duration. */
export function parseDuration(value: string): number | undefined {
  const match = durationPattern.exec(value.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * duration[match[2] as keyof typeof duration]);
}

function sizeHint(value: string): string {
  const decimal = /^([0-9.]+)\s*([kmgt])b?$/i.exec(value.trim());
  if (decimal?.[1] !== undefined && decimal[2] !== undefined)
    return `; did you mean "${decimal[1]}${decimal[2].toUpperCase()}i"?`;
  if (/^[0-9]+$/.test(value.trim())) return "; a size needs its unit";
  return "";
}

/** A size such as `768Mi`; the schema's output is a number of bytes. */
export const bytes = () =>
  z
    .string()
    .regex(sizePattern, {
      error: (issue) =>
        `expected a size such as "512Mi" or "2Gi", got "${String(issue.input)}"${sizeHint(String(issue.input))}`,
    })
    .transform((value) => parseBytes(value) ?? 0);

/** A duration such as `15m`; the schema's output is a number of milliseconds. */
export const milliseconds = () =>
  z
    .string()
    .regex(durationPattern, {
      error: (issue) =>
        `expected a duration such as "500ms", "5s", "15m" or "1d", got "${String(issue.input)}"`,
    })
    .transform((value) => parseDuration(value) ?? 0);

/** Cores, whole or a fraction. */
export const cores = () => z.number().positive().max(1024);
