/**
 * Sizes and durations as a user writes them, parsed to plain numbers: bytes and milliseconds.
 * Binary units only, as in Kubernetes' quantities (Ki, Mi, Gi, Ti): a `512MB` is refused with the suggestion,
 * because half of the world's tools mean 10^6 by it and the other half 2^20.
 */
import { z } from "zod";
import { hint } from "./hint.ts";
import { durationPattern, parseBytes, parseDuration, sizePattern } from "./quantity.ts";

export { formatBytes, formatDuration, parseBytes, parseDuration } from "./quantity.ts";

const shown = (input: unknown): string => (input === null ? "nothing" : JSON.stringify(input));

/** What was probably meant: `512MB`, `512M`, `512 mb` and `512` are a user's usual ways to write 512Mi. */
export function sizeSuggestion(input: unknown): string | undefined {
  const decimal = /^([0-9.]+)\s*([kmgt])(?:i?b)?$/i.exec(String(input).trim());
  return decimal?.[1] !== undefined && decimal[2] !== undefined
    ? `${decimal[1]}${decimal[2].toUpperCase()}i`
    : undefined;
}

export function durationSuggestion(input: unknown): string | undefined {
  const match =
    /^([0-9.]+)\s*(milliseconds?|msecs?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)$/i.exec(
      String(input).trim(),
    );
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const unit = match[2].toLowerCase();
  return `${match[1]}${unit.startsWith("mil") || unit.startsWith("ms") ? "ms" : unit.slice(0, 1)}`;
}

function sizeError(input: unknown): string {
  const suggestion = sizeSuggestion(input);
  const bare = /^[0-9]+$/.test(String(input).trim());
  return hint(
    `expected a size such as "512Mi" or "2Gi", got ${shown(input)}${
      suggestion !== undefined ? `; did you mean "${suggestion}"?` : bare ? "; a size needs its unit" : ""
    }`,
    `应为大小，例如 "512Mi" 或 "2Gi"，实际为 ${shown(input)}${
      suggestion !== undefined ? `；您是否想写 "${suggestion}"？` : bare ? "；大小必须带单位" : ""
    }`,
  );
}

function durationError(input: unknown): string {
  const suggestion = durationSuggestion(input);
  const bare = /^[0-9]+$/.test(String(input).trim());
  return hint(
    `expected a duration such as "500ms", "5s", "15m" or "1d", got ${shown(input)}${
      suggestion !== undefined ? `; did you mean "${suggestion}"?` : bare ? "; a duration needs its unit" : ""
    }`,
    `应为时长，例如 "500ms"、"5s"、"15m" 或 "1d"，实际为 ${shown(input)}${
      suggestion !== undefined ? `；您是否想写 "${suggestion}"？` : bare ? "；时长必须带单位" : ""
    }`,
  );
}

/** A size such as `768Mi`; the schema's output is a number of bytes. */
export const bytes = () =>
  z
    .string({ error: (issue) => sizeError(issue.input) })
    .regex(sizePattern, { error: (issue) => sizeError(issue.input) })
    .transform((value) => parseBytes(value) ?? 0);

/** A duration such as `15m`; the schema's output is a number of milliseconds. */
export const milliseconds = () =>
  z
    .string({ error: (issue) => durationError(issue.input) })
    .regex(durationPattern, { error: (issue) => durationError(issue.input) })
    .transform((value) => parseDuration(value) ?? 0);

/** Cores, whole or a fraction. */
export const cores = () => z.number().positive().max(1024);
