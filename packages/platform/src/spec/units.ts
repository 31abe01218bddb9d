/**
 * Sizes and durations as a user writes them, parsed to plain numbers: bytes and milliseconds.
 * Binary units only, as in Kubernetes' quantities (Ki, Mi, Gi, Ti): a `512MB` is refused with the suggestion,
 * because half of the world's tools mean 10^6 by it and the other half 2^20.
 */
import { z } from "zod";
import { durationPattern, parseBytes, parseDuration, sizePattern } from "./quantity.ts";

export { formatBytes, formatDuration, parseBytes, parseDuration } from "./quantity.ts";

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
