/** A pretended cluster: brokers that are there or not, and what they keep. What brokers do by themselves it does too. */
import { type Acl, keyOf, wantedAcls } from "../access.ts";
import type { KafkaAction } from "../actions.ts";
import { nodeName } from "../names.ts";
import { type KafkaSpec, wantedTopics } from "../spec.ts";
import type { BrokerState, ClusterState, KafkaState, TopicState } from "../state.ts";

export interface World {
  readonly spec: KafkaSpec;
  readonly up: Set<number>;
  /** A quorum, and with it a controller that answers. */
  hasController: boolean;
  readonly drift: Map<
    number,
    readonly { readonly key: string; readonly is: string; readonly wanted: string }[]
  >;
  readonly wrongUsers: Map<string, string>;
  readonly acls: Map<string, Acl>;
  readonly topics: Map<string, TopicState>;
  /** Names that are listed and cannot be read at this moment. */
  readonly unreadable: Set<string>;
  hasOffsetsTopic: boolean;
  /** Partitions that another than the first of their replicas leads. */
  readonly misled: Map<string, readonly number[]>;
  readonly underReplicated: Set<string>;
}

export const emptyWorld = (spec: KafkaSpec): World => ({
  spec,
  up: new Set(ids(spec)),
  hasController: true,
  drift: new Map(),
  wrongUsers: new Map([
    ["app", "is absent"],
    ["operator", "is absent"],
  ]),
  acls: new Map(),
  topics: new Map(),
  unreadable: new Set(),
  hasOffsetsTopic: false,
  misled: new Map(),
  underReplicated: new Set(),
});

export const ids = (spec: KafkaSpec): readonly number[] =>
  Array.from({ length: spec.brokers }, (_, i) => i + 1);

/** As planned in everything. */
export function wholeWorld(spec: KafkaSpec): World {
  const world = emptyWorld(spec);
  world.wrongUsers.clear();
  world.hasOffsetsTopic = true;
  for (const acl of wantedAcls(spec)) world.acls.set(keyOf(acl), acl);
  for (const { name, partitions, replicationFactor, config } of wantedTopics(spec))
    world.topics.set(name, { name, replicas: spread(partitions, replicationFactor, ids(spec)), config });
  return world;
}

const spread = (partitions: number, copies: number, brokers: readonly number[]) =>
  Array.from({ length: partitions }, (_, p) =>
    Array.from({ length: copies }, (_c, i) => brokers[(p + i) % brokers.length] ?? 0),
  );

export function observeWorld(world: World): KafkaState {
  const up = [...world.up].sort((a, b) => a - b);
  const controller = world.hasController ? up[0] : undefined;
  return {
    at: 0,
    brokers: ids(world.spec).map(
      (id): BrokerState =>
        world.up.has(id)
          ? {
              instance: nodeName(id),
              up: true,
              id,
              registered: up,
              controller: controller ?? -1,
              version: "3.9-IV0",
              drift: world.drift.get(id) ?? [],
              certificate: { served: { fingerprint: "aa" }, wanted: "aa" },
            }
          : { instance: nodeName(id), up: false, error: "ECONNREFUSED" },
    ),
    cluster: controller === undefined ? undefined : clusterOf(world, controller),
  };
}

function clusterOf(world: World, controller: number): ClusterState {
  const topics = [...world.topics.values()];
  const lacking = topics.flatMap(({ name, replicas }) =>
    replicas.flatMap((one, i) => (one.some((id) => !world.up.has(id)) ? [`${name}-${i}`] : [])),
  );
  return {
    controller: nodeName(controller),
    partitions: topics.reduce((sum, topic) => sum + topic.replicas.length, 0),
    topicNames: [...world.topics.keys()].sort(),
    underReplicated: [...new Set([...lacking, ...world.underReplicated])],
    leaderless: topics.flatMap(({ name, replicas }) =>
      replicas.flatMap((one, i) => (one.every((id) => !world.up.has(id)) ? [`${name}-${i}`] : [])),
    ),
    misled: [...world.misled].map(([topic, partitions]) => ({ topic, partitions })),
    topics: topics.filter(({ name }) => !world.unreadable.has(name) && name in world.spec.topics),
    hasOffsetsTopic: world.hasOffsetsTopic,
    wrongUsers: [...world.wrongUsers].map(([user, difference]) => ({ user, difference })),
    acls: [...world.acls.values()],
  };
}

/** What the brokers make of it. @throws where they would refuse */
export function performAction(world: World, action: KafkaAction): void {
  if (action.kind === "set-config") {
    const id = Number(action.target.split("-").at(-1));
    if (!world.up.has(id)) throw new Error(`${action.target} is not there`);
    world.drift.delete(id);
    return;
  }
  if (!world.hasController || world.up.size === 0) throw new Error("no controller");
  switch (action.kind) {
    case "set-user":
      world.wrongUsers.delete(action.user);
      return;
    case "set-acls":
      for (const acl of action.add) world.acls.set(keyOf(acl), acl);
      for (const acl of action.remove) world.acls.delete(keyOf(acl));
      return;
    case "create-offsets-topic":
      world.hasOffsetsTopic = true;
      return;
    case "create-topic": {
      const { topic: name, partitions, replicationFactor, config } = action;
      if (world.topics.has(name)) throw new Error("TOPIC_ALREADY_EXISTS");
      if (replicationFactor > world.up.size) throw new Error("INVALID_REPLICATION_FACTOR");
      world.topics.set(name, {
        name,
        replicas: spread(partitions, replicationFactor, [...world.up]),
        config,
      });
      return;
    }
    case "add-partitions": {
      const topic = required(world, action.topic);
      if (action.partitions <= topic.replicas.length) throw new Error("INVALID_PARTITIONS");
      const copies = topic.replicas[0]?.length ?? 1;
      const added = spread(action.partitions - topic.replicas.length, copies, [...world.up]);
      world.topics.set(topic.name, { ...topic, replicas: [...topic.replicas, ...added] });
      return;
    }
    case "set-topic-config": {
      const topic = required(world, action.topic);
      const kept = Object.entries(topic.config).filter(([key]) => !action.remove.includes(key));
      world.topics.set(topic.name, { ...topic, config: { ...Object.fromEntries(kept), ...action.set } });
      return;
    }
    case "reassign": {
      const topic = required(world, action.topic);
      const isPossible = action.replicas.every(
        (replicas) => replicas.every((id) => world.up.has(id)) && new Set(replicas).size === replicas.length,
      );
      if (!isPossible) throw new Error("INVALID_REPLICA_ASSIGNMENT");
      world.topics.set(topic.name, { ...topic, replicas: action.replicas });
      return;
    }
    case "elect-leaders":
      for (const { topic } of action.partitions) world.misled.delete(topic);
      return;
  }
}

function required(world: World, name: string): TopicState {
  const topic = world.topics.get(name);
  if (topic === undefined) throw new Error("UNKNOWN_TOPIC_OR_PARTITION");
  return topic;
}

/** Everybody is there again, and every copy has caught up. */
export function recover(world: World): void {
  for (const id of ids(world.spec)) world.up.add(id);
  world.hasController = true;
  world.underReplicated.clear();
  world.unreadable.clear();
}
