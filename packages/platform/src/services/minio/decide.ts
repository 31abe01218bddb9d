/** What is missing to what was declared. Pure. */
import { type Text, text } from "../../text.ts";
import { certificateCurrent } from "../served-certificate.ts";
import type { BucketAction, KeyAction, MinioAction, RightsAction } from "./action.ts";
import { wantedLifecycle } from "./lifecycle.ts";
import { nodeIds, policyName, readQuorum, writeQuorum } from "./names.ts";
import { normalisedPolicy, policyOf } from "./policy.ts";
import { type Account, accountsOf, type MinioSpec } from "./spec.ts";
import { type AccountState, type Cluster, isRead, type MinioState } from "./state.ts";

/** Nothing while the cluster cannot be read, or has too few nodes to take a write. */
export function decideMinio(spec: MinioSpec, state: MinioState): readonly MinioAction[] {
  const { cluster } = state;
  if (!isRead(cluster) || online(cluster) < writeQuorum) return [];
  // What is done with the former password is done; the new one must not wait for it.
  if (!cluster.rootCurrent)
    return [
      { kind: "restart-servers", target: "service", why: "the servers run with the former root password" },
    ];
  return [
    ...bucketActions(spec, cluster),
    ...accountsOf(spec).flatMap((wanted) => {
      const is = cluster.accounts.find(({ name }) => name === wanted.name);
      return is === undefined ? [] : rights(wanted, is);
    }),
  ];
}

const online = (cluster: Cluster): number =>
  cluster.servers.filter((s) => s.online && s.drive === "ok").length;

const bucketActions = (spec: MinioSpec, cluster: Cluster): readonly BucketAction[] =>
  Object.entries(spec.buckets).flatMap(([name, wanted]): readonly BucketAction[] => {
    const is = cluster.buckets.find((bucket) => bucket.name === name);
    const act = (kind: BucketAction["kind"], why: string): BucketAction => ({
      kind,
      target: "service",
      bucket: name,
      why: `${name}: ${why}`,
    });
    if (is?.versioning === undefined) return [act("create-bucket", "there is no such bucket")];
    return [
      ...(is.versioning === "Enabled" ? [] : [act("enable-versioning", `versioning is ${is.versioning}`)]),
      ...(is.quotaBytes === wanted.quota
        ? []
        : [act("set-quota", `${is.quotaBytes ?? "no"} bytes of quota instead of ${wanted.quota ?? "none"}`)]),
      ...(is.lifecycle === wantedLifecycle(wanted)
        ? []
        : [act("set-lifecycle", `its rules are ${is.lifecycle}`)]),
    ];
  });

/** In the order in which each stands on the one before: a key, its group, the policy, the group's policy. */
function rights(wanted: Account, { group, keys, policy }: AccountState): readonly MinioAction[] {
  const account = wanted.name;
  const key = (kind: KeyAction["kind"], accessKey: string, why: string): KeyAction => ({
    kind,
    target: "service",
    account,
    accessKey,
    why: `${accessKey} ${why}`,
  });
  const right = (kind: RightsAction["kind"], why: string): RightsAction => ({
    kind,
    target: "service",
    account,
    why: `${account}: ${why}`,
  });
  const valid = new Set(keys.map(({ accessKey }) => accessKey));
  return [
    ...keys
      .filter(({ is }) => is !== "accepted")
      .map(({ accessKey, is, read }) =>
        key("set-key", accessKey, is === "absent" ? "is absent" : `is refused: ${read}`),
      ),
    ...keys
      .filter(({ accessKey }) => group?.members.includes(accessKey) !== true)
      .map(({ accessKey }) => key("join-group", accessKey, "is not in the group")),
    ...(policy === normalisedPolicy(policyOf(wanted))
      ? []
      : [right("set-policy", policy === undefined ? "there is no policy" : "the policy is another one")]),
    ...(group === undefined || group.enabled ? [] : [right("enable-group", "the group is switched off")]),
    ...(group?.policy === policyName(account)
      ? []
      : [
          right(
            "set-group-policy",
            `the group has ${group?.policy ? `the policy ${group.policy}` : "no policy"}`,
          ),
        ]),
    ...(group?.members ?? [])
      .filter((member) => !valid.has(member))
      .map((member) => key("remove-key", member, "belongs to no valid secret")),
  ];
}

/** Pure. One line for `mall status`. */
export function summary(spec: MinioSpec, state: MinioState): { readonly ok: boolean; readonly text: Text } {
  const { cluster, nodes } = state;
  if (!isRead(cluster)) return { ok: false, text: text(cluster.error, cluster.error) };
  const there = online(cluster);
  const left = decideMinio(spec, state).length;
  const healing = cluster.servers.filter((s) => s.healing).map((s) => s.instance);
  const stale = nodes.filter((node) => node.up && !certificateCurrent(node.certificate));
  const of = `${there} / ${nodeIds.length}`;
  if (there < readQuorum)
    return {
      ok: false,
      text: text(
        `${of} nodes: too few to read; ${readQuorum} are needed, and ${writeQuorum} to write`,
        `${of} 个节点：不足以读取；读取需 ${readQuorum} 个，写入需 ${writeQuorum} 个`,
      ),
    };
  if (there < writeQuorum)
    return {
      ok: false,
      text: text(
        `${of} nodes: reads go on, writes are refused until ${writeQuorum} are there`,
        `${of} 个节点：可以读取，写入将被拒绝，直到有 ${writeQuorum} 个节点`,
      ),
    };
  // Each by its own look: a node that does not reach its peers yet answers for objects that it does not find.
  const whole = there === nodeIds.length && nodes.every((node) => node.up && node.drives === nodeIds.length);
  const buckets = Object.keys(spec.buckets).length;
  return {
    // A certificate waits for its node's turn in a rollout, which waits for this: it is said, and holds nothing up.
    ok: whole && left === 0 && healing.length === 0,
    text: healing.length
      ? text(
          `${of} nodes; ${healing.join(", ")} is being healed`,
          `${of} 个节点；${healing.join("、")} 正在修复`,
        )
      : stale.length > 0
        ? text(
            `${of} nodes; ${stale.map((n) => n.instance).join(", ")} has yet to serve its new certificate`,
            `${of} 个节点；${stale.map((n) => n.instance).join("、")} 尚未启用新证书`,
          )
        : text(
            `${of} nodes, ${buckets} buckets, parity ${cluster.parity}`,
            `${of} 个节点，${buckets} 个存储桶，校验 ${cluster.parity}`,
          ),
  };
}
