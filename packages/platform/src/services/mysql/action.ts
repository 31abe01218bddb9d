/** The steps by which the agent changes the servers. Each is idempotent and small enough to be checked again first. */
import type { InstanceName } from "../../plan/model.ts";
import type { ActionBase } from "../service.ts";

interface OnNode extends ActionBase {
  readonly target: InstanceName;
}

export type Action =
  /** First data of a mall: meta schema, first term, accounts, databases, on a node without any. */
  | (OnNode & { readonly kind: "bootstrap-primary" })
  | (OnNode & { readonly kind: "open-writes"; readonly epoch: number })
  | (OnNode & { readonly kind: "close-writes" })
  /** A planned stop of the primary: writes closed and kept closed until it restarted, running ones waited for. */
  | (OnNode & { readonly kind: "quiesce-primary" })
  | (OnNode & { readonly kind: "enable-source-semisync"; readonly epoch: number })
  | (OnNode & { readonly kind: "disable-source-semisync" })
  /** The primary still has a channel of its time as a replica, wholly applied. */
  | (OnNode & { readonly kind: "remove-channel"; readonly epoch: number })
  | (OnNode & {
      readonly kind: "configure-replica";
      readonly source: InstanceName;
      readonly epoch: number;
      /** The relay logs cannot be used: received transactions are fetched again. */
      readonly discardRelayLogs: boolean;
    })
  | (OnNode & { readonly kind: "start-replica"; readonly epoch: number })
  /** The receiver connects anew, to ask for semi-synchronous replication. */
  | (OnNode & { readonly kind: "restart-receiver"; readonly epoch: number })
  | (OnNode & { readonly kind: "clone-replica"; readonly donor: InstanceName; readonly epoch: number })
  | (OnNode & { readonly kind: "set-variable"; readonly variable: string; readonly value: string })
  | (OnNode & { readonly kind: "reload-tls" })
  /** Makes or mends one replicated account on the primary. */
  | (OnNode & { readonly kind: "ensure-account"; readonly user: string })
  | (OnNode & { readonly kind: "discard-previous-password"; readonly user: string })
  | (OnNode & { readonly kind: "drop-account"; readonly user: string; readonly host: string })
  /** An account that each node has for itself, outside of the binary log. */
  | (OnNode & { readonly kind: "rotate-local-password"; readonly user: string; readonly host: string })
  | (OnNode & { readonly kind: "discard-local-password"; readonly user: string; readonly host: string })
  | (OnNode & { readonly kind: "create-database"; readonly database: string });

export type ActionKind = Action["kind"];

/** Two actions are the same step when all but the wording of the reason is equal. */
export function sameAction(a: Action, b: Action): boolean {
  const key = ({ why: _, ...rest }: Action): string =>
    JSON.stringify(Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1)));
  return key(a) === key(b);
}
