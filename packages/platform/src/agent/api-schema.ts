/** Forms of what the API takes, as JSON Schema; everything else is refused with 400. */
import type { ActionBase, CheckKind } from "../services/service.ts";

const name = { type: "string", minLength: 1, maxLength: 100 } as const;

export interface VerifyRequest {
  /** Check ids or requirement ids; left out: all. */
  readonly ids?: readonly string[];
  /** Left out: `read` and `scratch`. `disruptive` only when it is named. */
  readonly kinds?: readonly CheckKind[];
}

export const verifyBody = {
  type: "object",
  additionalProperties: false,
  properties: {
    ids: { type: "array", maxItems: 1000, items: name },
    kinds: { type: "array", maxItems: 3, items: { enum: ["read", "scratch", "disruptive"] } },
  },
} as const;

export interface EventsQuery {
  readonly since: number;
  readonly limit: number;
  /** How long to wait for the first event after `since`, ms. */
  readonly waitMs: number;
}

export const eventsQuery = {
  type: "object",
  additionalProperties: false,
  properties: {
    since: { type: "integer", minimum: 0, default: 0 },
    limit: { type: "integer", minimum: 1, maximum: 1000, default: 1000 },
    waitMs: { type: "integer", minimum: 0, maximum: 60_000, default: 0 },
  },
} as const;

export interface ReconcileRequest {
  /** Left out: every service. */
  readonly service?: string;
  /** How long to wait until nothing is left to do, ms; 0: kick only. */
  readonly waitMs: number;
}

export const reconcileBody = {
  type: "object",
  additionalProperties: false,
  properties: {
    service: name,
    waitMs: { type: "integer", minimum: 0, maximum: 600_000, default: 0 },
  },
} as const;

export interface ActionRequest {
  readonly service: string;
  readonly action: ActionBase;
}

/** An action's further fields are its service's own: `act` re-checks what it relies on. */
export const actionBody = {
  type: "object",
  additionalProperties: false,
  required: ["service", "action"],
  properties: {
    service: name,
    action: {
      type: "object",
      required: ["kind", "target", "why"],
      properties: { kind: name, target: name, why: { type: "string", maxLength: 1000 } },
    },
  },
} as const;
