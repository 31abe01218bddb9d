import type { Text } from "../text.ts";

export type Severity = "error" | "warning" | "info";

/** A validator's word about a spec. An `error` stops `up` unless the spec accepts its id knowingly. */
export interface Finding {
  /** Stable, upper case: `MY-ASYNC`. Named in `accept:`. */
  readonly id: string;
  readonly severity: Severity;
  /** Path in mall.yaml, `services.mysql.memory`. */
  readonly path: string;
  readonly reason: Text;
  readonly fix: Text;
  /** A manual's page or the requirement's id. */
  readonly source: string;
  /** False where accepting cannot make it work, such as memory below what a server needs to start. */
  readonly acceptable: boolean;
}
