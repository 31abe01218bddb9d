/** What the agent says of the mall; the API's answers and the client's types. Plain JSON. */
import type { ActionBase } from "../services/service.ts";
import type { Text } from "../text.ts";
import type { Roles } from "./roles.ts";

export interface PendingAction extends Pick<ActionBase, "kind" | "target" | "why"> {
  /** `waiting`: it failed and is tried again later. `held`: another runs first, or we may not act. */
  readonly phase: "next" | "running" | "waiting" | "held";
  readonly failures: number;
  readonly error?: string;
  /** ISO 8601, when a failed one is tried again. */
  readonly retryAt?: string;
}

export interface ServiceStatus {
  readonly service: string;
  /** Observed recently, nothing left to do, and the service calls itself well. */
  readonly converged: boolean;
  readonly summary: { readonly ok: boolean; readonly text: Text } | undefined;
  readonly pending: readonly PendingAction[];
  readonly roles: Roles;
  /** Why the last observation failed, or what is wrong with the decision; undefined when it went well. */
  readonly error: string | undefined;
  /** ISO 8601, when the last successful observation began. */
  readonly observedAt: string | undefined;
  readonly observeMs: number | undefined;
  /** The service's own state, as observed. */
  readonly state: unknown;
}

export interface MallStatus {
  readonly mall: string;
  readonly converged: boolean;
  /** Digest of the plan that the agent follows: says whether a new mall.json has arrived. */
  readonly plan: string;
  /** Why a changed mall.json could not be taken up; the former one stays in force. */
  readonly configError: string | undefined;
  readonly lease: boolean;
  readonly startedAt: string;
  readonly residentBytes: number;
  readonly services: readonly ServiceStatus[];
}

/** JSON of anything a state may hold: big integers as strings, sets and maps as arrays. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    if (item instanceof Set || item instanceof Map) return [...item];
    return item;
  });
}
