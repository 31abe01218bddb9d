/**
 * Observation → what to do, and what stands in the way. Pure. Brokers elect leaders, copy and catch up by themselves;
 * what is planned and they do not know of themselves is settings, users, permissions and topics. Nothing here deletes a
 * topic, a partition or a record, and nothing moves data while a copy is missing.
 */
import { type Text, text } from "../../text.ts";
import { certificateCurrent } from "../served-certificate.ts";
import { describeAcl, keyOf, wantedAcls } from "./access.ts";
import type { ClusterAction, KafkaAction, SetConfig } from "./actions.ts";
import { brokerIdOf } from "./names.ts";
import { replicasFor } from "./placement.ts";
import { type KafkaSpec, type WantedTopic, wantedTopics } from "./spec.ts";
import { type BrokerUp, type ClusterState, isUp, type KafkaState, type TopicState } from "./state.ts";

export const decide = (spec: KafkaSpec, state: KafkaState): readonly KafkaAction[] => [
  ...state.brokers.filter(isUp).flatMap(brokerActions),
  ...(state.cluster === undefined ? [] : clusterActions(spec, state, state.cluster)),
];

/** What a single broker needs whatever the cluster looks like. */
export function brokerActions(broker: BrokerUp): readonly SetConfig[] {
  if (broker.drift.length === 0) return [];
  return [
    {
      kind: "set-config",
      target: broker.instance,
      settings: broker.drift.map(({ key, wanted }) => ({ key, value: wanted })),
      why: broker.drift.map((d) => `${d.key} is ${d.is === "" ? "empty" : d.is}, not ${d.wanted}`).join("; "),
    },
  ];
}

export function clusterActions(
  spec: KafkaSpec,
  state: KafkaState,
  cluster: ClusterState,
): readonly ClusterAction[] {
  const up = state.brokers.filter(isUp);
  const allUp = up.length === state.brokers.length;
  const isWhole = allUp && cluster.underReplicated.length === 0 && cluster.leaderless.length === 0;
  return [
    ...users(cluster),
    ...acls(spec, cluster),
    // A topic whose copies have no place is refused by the brokers: it waits for them.
    ...offsetsTopic(spec, cluster, up.length),
    ...wantedTopics(spec).flatMap((wanted) => topicActions(wanted, cluster, up.length)),
    ...(isWhole
      ? moves(
          spec,
          cluster,
          state.brokers.map((b) => brokerIdOf(b.instance)),
        )
      : []),
    ...(allUp && cluster.misled.length > 0 ? [elect(cluster)] : []),
  ];
}

const users = (cluster: ClusterState): readonly ClusterAction[] =>
  cluster.wrongUsers.map(({ user, difference }) => ({
    kind: "set-user",
    target: "service",
    user,
    why: `user ${user} ${difference}`,
  }));

function acls(spec: KafkaSpec, cluster: ClusterState): readonly ClusterAction[] {
  const wanted = wantedAcls(spec);
  const wantedKeys = new Set(wanted.map(keyOf));
  const thereKeys = new Set(cluster.acls.map(keyOf));
  const add = wanted.filter((acl) => !thereKeys.has(keyOf(acl)));
  const remove = cluster.acls.filter((acl) => !wantedKeys.has(keyOf(acl)));
  if (add.length === 0 && remove.length === 0) return [];
  const why = [
    ...(add.length > 0 ? [`missing: ${add.map(describeAcl).join(", ")}`] : []),
    ...(remove.length > 0 ? [`not planned: ${remove.map(describeAcl).join(", ")}`] : []),
  ].join("; ");
  return [{ kind: "set-acls", target: "service", add, remove, why }];
}

function offsetsTopic(spec: KafkaSpec, cluster: ClusterState, brokersUp: number): readonly ClusterAction[] {
  if (cluster.hasOffsetsTopic || brokersUp < Math.min(spec.replicationFactor, spec.brokers)) return [];
  return [
    {
      kind: "create-offsets-topic",
      target: "service",
      why: "the first consumer would wait until it is made",
    },
  ];
}

function topicActions(
  wanted: WantedTopic,
  cluster: ClusterState,
  brokersUp: number,
): readonly ClusterAction[] {
  const { name: topic, partitions, replicationFactor, config } = wanted;
  const there = cluster.topics.find((one) => one.name === topic);
  if (there === undefined) {
    // A name that is listed and could not be read is no absent topic.
    if (brokersUp < replicationFactor || cluster.topicNames.includes(topic)) return [];
    const why = `topic ${topic} is absent`;
    return [{ kind: "create-topic", target: "service", topic, partitions, replicationFactor, config, why }];
  }
  const actions: ClusterAction[] = [];
  if (there.replicas.length < partitions)
    actions.push({
      kind: "add-partitions",
      target: "service",
      topic,
      partitions,
      why: `topic ${topic} has ${there.replicas.length} of ${partitions} partitions`,
    });
  const set = Object.entries(config).filter(([key, value]) => there.config[key] !== value);
  const remove = Object.keys(there.config).filter((key) => !(key in config));
  if (set.length > 0 || remove.length > 0)
    actions.push({
      kind: "set-topic-config",
      target: "service",
      topic,
      set: Object.fromEntries(set),
      remove,
      why: [
        ...set.map(([key, value]) => `${key} of ${topic} is ${there.config[key] ?? "not set"}, not ${value}`),
        ...remove.map((key) => `${key} of ${topic} is ${there.config[key]} and not planned`),
      ].join("; "),
    });
  return actions;
}

/** Another number of copies: one topic at a time, and the next when its copies are there. */
function moves(spec: KafkaSpec, cluster: ClusterState, brokers: readonly number[]): readonly ClusterAction[] {
  for (const { name: topic, replicationFactor } of wantedTopics(spec)) {
    const there = cluster.topics.find((one) => one.name === topic);
    if (there === undefined || hasCopies(there, replicationFactor)) continue;
    const replicas = replicasFor(there.replicas, replicationFactor, brokers);
    if (replicas === undefined) continue;
    const why = `a partition of ${topic} has another number of copies than ${replicationFactor}`;
    return [{ kind: "reassign", target: "service", topic, replicas, why }];
  }
  return [];
}

const hasCopies = (topic: TopicState, copies: number): boolean =>
  topic.replicas.every((replicas) => replicas.length === copies);

function elect(cluster: ClusterState): ClusterAction {
  const count = cluster.misled.reduce((sum, one) => sum + one.partitions.length, 0);
  return {
    kind: "elect-leaders",
    target: "service",
    partitions: cluster.misled,
    why: `${count} partitions are led by another than the first of their replicas`,
  };
}

/** Why the cluster is not whole although there may be nothing to do but to wait or to ask a person. */
export function problems(spec: KafkaSpec, state: KafkaState): readonly Text[] {
  const { cluster, brokers } = state;
  const found: Text[] = [];
  for (const broker of brokers) {
    if (!isUp(broker))
      found.push(
        text(
          `${broker.instance} does not answer: ${broker.error}`,
          `${broker.instance} 没有应答：${broker.error}`,
        ),
      );
    else if (!certificateCurrent(broker.certificate))
      found.push(
        text(
          `${broker.instance} serves another certificate than the newest; it takes it with the next connection`,
          `${broker.instance} 使用的不是最新证书；下一个连接时会自动读取`,
        ),
      );
    else if (broker.registered.length < brokers.length)
      found.push(
        text(
          `${broker.instance} knows of brokers ${broker.registered.join(", ")} only`,
          `${broker.instance} 只知道 broker ${broker.registered.join(", ")}`,
        ),
      );
  }
  if (cluster === undefined) {
    found.push(
      text(
        "no controller answers: nothing about topics, users and permissions can be read or changed",
        "没有可应答的 controller：无法读取或更改主题、用户和权限",
      ),
    );
    return found;
  }
  const some = (names: readonly string[]): string =>
    names.length > 5 ? `${names.slice(0, 5).join(", ")} …` : names.join(", ");
  if (cluster.leaderless.length > 0)
    found.push(
      text(
        `${cluster.leaderless.length} partitions have no leader: ${some(cluster.leaderless)}`,
        `${cluster.leaderless.length} 个分区没有 leader：${some(cluster.leaderless)}`,
      ),
    );
  if (cluster.underReplicated.length > 0)
    found.push(
      text(
        `${cluster.underReplicated.length} partitions lack a copy: ${some(cluster.underReplicated)}`,
        `${cluster.underReplicated.length} 个分区缺少副本：${some(cluster.underReplicated)}`,
      ),
    );
  for (const wanted of wantedTopics(spec)) {
    const there = cluster.topics.find((one) => one.name === wanted.name);
    if (there !== undefined && there.replicas.length > wanted.partitions)
      found.push(
        text(
          `topic ${wanted.name} has ${there.replicas.length} partitions and ${wanted.partitions} are planned: they cannot become fewer; plan as many`,
          `主题 ${wanted.name} 有 ${there.replicas.length} 个分区，规划为 ${wanted.partitions} 个：分区数不能减少，请按实际数量规划`,
        ),
      );
  }
  return found;
}

/** One line for `mall status`. */
export function summary(spec: KafkaSpec, state: KafkaState): { readonly ok: boolean; readonly text: Text } {
  const [problem] = problems(spec, state);
  const [action] = decide(spec, state);
  if (problem !== undefined) return { ok: false, text: problem };
  if (action !== undefined) {
    const line = `${action.kind} ${action.target}: ${action.why}`;
    return { ok: false, text: text(line, line) };
  }
  const partitions = state.cluster?.partitions ?? 0;
  const topics = state.cluster?.topicNames.length ?? 0;
  const controller = state.cluster?.controller ?? "";
  return {
    ok: true,
    text: text(
      `${state.brokers.length} brokers, ${controller} is the controller, ${topics} topics, ${partitions} partitions, all copies in sync`,
      `${state.brokers.length} 个 broker，${controller} 为 controller，${topics} 个主题，${partitions} 个分区，副本均已同步`,
    ),
  };
}
