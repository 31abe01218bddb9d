/** What a single node needs whatever the cluster looks like: users, settings, passwords, certificate. Pure. */
import { certificateCurrent } from "../served-certificate.ts";
import type { NodeAction } from "./actions.ts";
import { replicaUser } from "./names.ts";
import type { NodeUp } from "./state.ts";

export function nodeActions(node: NodeUp): readonly NodeAction[] {
  const target = node.instance;
  const actions: NodeAction[] = node.wrongUsers
    .filter(({ user }) => mayHave(node, user))
    .map(({ user, difference }) => ({
      kind: "set-user",
      target,
      user,
      why: `user ${user} ${difference === "absent" ? "is absent" : difference}`,
    }));
  if (node.drift.length > 0) {
    actions.push({
      kind: "set-config",
      target,
      settings: node.drift.map(({ key, wanted }) => ({ key, value: wanted })),
      why: node.drift.map((d) => `${d.key} is ${d.is === "" ? "empty" : d.is}, not ${d.wanted}`).join("; "),
    });
  }
  if (!node.replicationPasswordCurrent) {
    actions.push({
      kind: "set-replication-password",
      target,
      why: "it would follow a master with an old password",
    });
  }
  if (!certificateCurrent(node.certificate)) {
    actions.push({
      kind: "reload-certificate",
      target,
      why: "it serves another certificate than the newest",
    });
  }
  return actions;
}

/**
 * A server that starts with an empty volume lets no replica in until it has slots or follows a master. A replica
 * asks its master by address: one that came back empty at the address it had would be copied, and its replica's
 * data, by then the only copy, be gone (redis.io/docs, "Safety of replication when master has persistence turned
 * off"). So the replica is promoted instead, and this node follows it.
 */
const mayHave = (node: NodeUp, user: string): boolean => user !== replicaUser || isMember(node.self);

const isMember = (self: NodeUp["self"]): boolean => self.role === "replica" || self.slots.length > 0;
