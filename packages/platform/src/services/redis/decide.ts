/**
 * Observation → what to do, and what stands in the way. Pure. Stages go from the safest to the one that needs most
 * to be true, and a later one is reached only when the earlier ones are through. Its safety is tested against a
 * simulated cluster in every combination of broken nodes (decide.simulation.test.ts):
 * no slot is given away that anybody may still have, none to two nodes, and no node with data is emptied.
 */
import { type Text, text } from "../../text.ts";
import type { ClusterAction, Meet, RedisAction } from "./actions.ts";
import { meetings } from "./decide-meet.ts";
import { nodeActions } from "./decide-node.ts";
import { misled, replicaProblems, replication, spread } from "./decide-replicas.ts";
import { claims, forgetting, promotions, unserved } from "./decide-slots.ts";
import { countSlots, formatSlots, joinSlots, slotCount } from "./slots.ts";
import type { RedisSpec } from "./spec.ts";
import type { NodeDown, RedisState } from "./state.ts";
import { type View, viewOf } from "./view.ts";

export interface Assessment {
  readonly actions: readonly RedisAction[];
  /** Why the cluster is not whole although there may be nothing to do but to wait or to ask a person. */
  readonly problems: readonly Text[];
}

export function assess(spec: RedisSpec, state: RedisState): Assessment {
  const view = viewOf(state);
  const cluster = assessCluster(spec, view);
  return {
    actions: [...view.up.flatMap(nodeActions), ...cluster.actions],
    problems: [...view.down.map(describeDown), ...cluster.problems],
  };
}

export const decide = (spec: RedisSpec, state: RedisState): readonly RedisAction[] =>
  assess(spec, state).actions;

function assessCluster(
  spec: RedisSpec,
  view: View,
): { readonly actions: readonly (Meet | ClusterAction)[]; readonly problems: readonly Text[] } {
  if (view.doubles.length > 0) {
    const names = view.doubles.join(", ");
    return stop(
      text(
        `${names} have the same identity: one of them runs on a copy of the other's volume`,
        `${names} 的身份相同：其中一个使用了另一个的数据卷副本`,
      ),
    );
  }
  if (view.disputed.length > 0 && meetings(view).length === 0) {
    const slots = formatSlots(view.disputed);
    return stop(
      text(
        `two masters claim slots ${slots}; they are settling it`,
        `两个主节点都声明槽位 ${slots}，正在协商`,
      ),
    );
  }
  const introduced = [...claims(spec, view), ...meetings(view)];
  if (introduced.length > 0) return { actions: introduced, problems: unserved(spec, view) };
  const promoted = promotions(spec, view);
  const forgotten = forgetting(view);
  const problems = [...unserved(spec, view), ...promoted.problems, ...forgotten.problems];
  for (const actions of [promoted.actions, forgotten.actions, replication(spec, view), misled(view)]) {
    if (actions.length > 0) return { actions, problems };
  }
  const rest = [...problems, ...replicaProblems(spec, view), ...stateProblems(spec, view)];
  return { actions: view.allUp && rest.length === 0 ? spread(view) : [], problems: rest };
}

const stop = (problem: Text) => ({ actions: [], problems: [problem] });

function stateProblems(spec: RedisSpec, view: View): readonly Text[] {
  const failing = view.up.filter((n) => !n.clusterOk).map((n) => n.instance);
  if (failing.length > 0) {
    const names = failing.join(", ");
    return [text(`cluster_state is not ok on ${names}`, `${names} 的 cluster_state 不是 ok`)];
  }
  // The owners know it first; a client that asks another node meanwhile finds slots that nobody serves.
  const unaware = view.up.filter((n) => countSlots(joinSlots(...n.table.map((e) => e.slots))) < slotCount);
  if (unaware.length > 0 && countSlots(view.owned) === slotCount) {
    const names = unaware.map((n) => n.instance).join(", ");
    return [text(`${names} have yet to hear who serves which slots`, `${names} 尚未获知各槽位由谁提供服务`)];
  }
  if (view.up.length > 0 && view.owners.length !== spec.masters && countSlots(view.owned) === slotCount) {
    return [
      text(
        `${view.owners.length} masters own slots and ${spec.masters} are planned: move slots by hand`,
        `拥有槽位的主节点为 ${view.owners.length} 个，规划为 ${spec.masters} 个：请手动迁移槽位`,
      ),
    ];
  }
  return [];
}

function describeDown(node: NodeDown): Text {
  switch (node.kind) {
    case "loading":
      return text(`${node.instance} is loading its data`, `${node.instance} 正在加载数据`);
    case "refused":
      return text(
        `${node.instance} does not take the agent's password: restart it, it then reads its users anew`,
        `${node.instance} 拒绝代理的密码：请重启该节点，它会重新读取用户`,
      );
    case "expired":
      return text(
        `a certificate has expired at ${node.instance}: \`mall up\` issues a new one and restarts the node`,
        `${node.instance} 的证书已过期：请运行 \`mall up\`，它会签发新证书并重启该节点`,
      );
    case "unreachable":
      return text(
        `${node.instance} does not answer: ${node.error}`,
        `${node.instance} 没有应答：${node.error}`,
      );
  }
}

/** One line for `mall status`. */
export function summary(spec: RedisSpec, state: RedisState): { readonly ok: boolean; readonly text: Text } {
  const { actions, problems } = assess(spec, state);
  const view = viewOf(state);
  const [problem] = problems;
  const [action] = actions;
  if (problem !== undefined) return { ok: false, text: problem };
  if (action !== undefined) {
    const line = `${action.kind} ${action.target}: ${action.why}`;
    return { ok: false, text: text(line, line) };
  }
  const replicas = view.up.filter((n) => n.self.role === "replica").length;
  const slots = countSlots(view.owned);
  return {
    ok: true,
    text: text(
      `${view.owners.length} masters, ${replicas} replicas, ${slots} slots`,
      `${view.owners.length} 个主节点，${replicas} 个副本，${slots} 个槽位`,
    ),
  };
}
