import type { KafkaSpec } from "./spec.ts";

/** What a setting should be: what `settings` of the spec says, or the platform's own. */
export const configOf = (spec: KafkaSpec, key: string, own: string | number): string =>
  `${spec.settings[key] ?? own}`;
