/**
 * One action on the real brokers: its grounds are looked at again first, and its effect is read back. The same pure
 * decision that asked for it must still ask for it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Ctx } from "../service.ts";
import type { ClusterAction, KafkaAction, SetConfig } from "./actions.ts";
import { withBroker } from "./client.ts";
import { brokerActions, decide } from "./decide.ts";
import { kafkaError } from "./errors.ts";
import { credentialsOf } from "./logins.ts";
import { brokerIdOf } from "./names.ts";
import { observeBroker, observeKafka } from "./observe.ts";
import {
  alterOperation,
  alterPartitionReassignments,
  alterScramUsers,
  configResource,
  createAcls,
  createPartitions,
  createTopics,
  deleteAcls,
  electLeaders,
  incrementalAlterConfigs,
  scramSha512,
} from "./protocol/apis.ts";
import type { BrokerConnection } from "./protocol/connection.ts";
import { findCoordinator } from "./protocol/data-apis.ts";
import { KafkaRefusal, requireNone } from "./protocol/errors.ts";
import type { KafkaSpec } from "./spec.ts";

/** How long brokers may take for what they were asked, ms. */
const serverTimeoutMs = 10_000;
/** Changes reach all brokers through ZooKeeper's watches, within milliseconds on a quiet machine. */
const proofMs = 15_000;
const pollMs = 200;

/** @throws KAFKA_GROUNDS_GONE, KAFKA_NOT_PROVEN, KAFKA_REFUSED, KAFKA_UNREACHABLE, KAFKA_NO_CONTROLLER */
export async function actKafka(ctx: Ctx<KafkaSpec>, action: KafkaAction): Promise<void> {
  try {
    if (action.kind === "set-config") await setConfig(ctx, action);
    else await actOnCluster(ctx, action);
  } catch (error) {
    if (error instanceof KafkaRefusal)
      throw kafkaError.KAFKA_REFUSED({ action: action.kind, cause: error.message }, error);
    throw error;
  }
}

async function setConfig(ctx: Ctx<KafkaSpec>, action: SetConfig): Promise<void> {
  const look = async () => {
    const broker = await observeBroker(ctx, action.target);
    if (!broker.up) throw kafkaError.KAFKA_UNREACHABLE({ instance: action.target, cause: broker.error });
    return brokerActions(broker);
  };
  requireAsked(action, await look());
  await withBroker(ctx, action.target, (broker) =>
    alter(
      broker,
      configResource.broker,
      `${brokerIdOf(action.target)}`,
      action.settings.map(({ key, value }) => ({ name: key, operation: alterOperation.set, value })),
    ),
  );
  await proven(action, look);
}

async function alter(
  broker: BrokerConnection,
  resourceType: number,
  resourceName: string,
  configs: readonly { readonly name: string; readonly operation: number; readonly value: string | null }[],
): Promise<void> {
  const { results } = await broker.call(incrementalAlterConfigs, {
    resources: [{ resourceType, resourceName, configs }],
    validateOnly: false,
  });
  for (const result of results) requireNone(`altering ${resourceName}`, result);
}

async function actOnCluster(ctx: Ctx<KafkaSpec>, action: ClusterAction): Promise<void> {
  const state = await observeKafka(ctx);
  if (state.cluster === undefined) throw kafkaError.KAFKA_NO_CONTROLLER({});
  requireAsked(action, decide(ctx.spec, state));
  await withBroker(ctx, state.cluster.controller, (broker) => apply(ctx, broker, action), {
    timeoutMs: serverTimeoutMs + 5_000,
  });
  await proven(action, async () => {
    const after = await observeKafka(ctx);
    if (after.cluster === undefined) throw kafkaError.KAFKA_NO_CONTROLLER({});
    return decide(ctx.spec, after);
  });
}

async function apply(ctx: Ctx<KafkaSpec>, broker: BrokerConnection, action: ClusterAction): Promise<void> {
  switch (action.kind) {
    case "set-user":
      return setUser(ctx, broker, action.user);
    case "set-acls": {
      // What is missing first: at no moment has the user less than both lists have in common.
      if (action.add.length > 0) {
        const { results } = await broker.call(createAcls, { acls: action.add });
        for (const result of results) requireNone("giving permissions", result);
      }
      if (action.remove.length > 0) {
        const { results } = await broker.call(deleteAcls, { filters: action.remove });
        for (const result of results) requireNone("taking permissions", result);
      }
      return;
    }
    case "create-topic": {
      const { topics } = await broker.call(createTopics, {
        topics: [
          {
            name: action.topic,
            partitions: action.partitions,
            replicationFactor: action.replicationFactor,
            assignments: [],
            configs: Object.entries(action.config).map(([name, value]) => ({ name, value })),
          },
        ],
        timeoutMs: serverTimeoutMs,
        validateOnly: false,
      });
      for (const topic of topics) requireNone(`topic ${action.topic}`, topic, "TOPIC_ALREADY_EXISTS");
      return;
    }
    case "create-offsets-topic": {
      // Asked where a group's positions are, a broker makes the topic and has it be asked again.
      const answer = await broker.call(findCoordinator, { key: "mall-agent", keyType: 0 });
      return requireNone("the topic of positions", answer, "COORDINATOR_NOT_AVAILABLE");
    }
    case "add-partitions": {
      const { topics } = await broker.call(createPartitions, {
        topics: [{ name: action.topic, count: action.partitions, assignments: null }],
        timeoutMs: serverTimeoutMs,
        validateOnly: false,
      });
      for (const topic of topics) requireNone(`partitions of ${action.topic}`, topic);
      return;
    }
    case "set-topic-config":
      return alter(broker, configResource.topic, action.topic, [
        ...Object.entries(action.set).map(([name, value]) => ({
          name,
          operation: alterOperation.set,
          value,
        })),
        ...action.remove.map((name) => ({ name, operation: alterOperation.delete, value: null })),
      ]);
    case "reassign": {
      const answer = await broker.call(alterPartitionReassignments, {
        timeoutMs: serverTimeoutMs,
        topics: [
          {
            name: action.topic,
            partitions: action.replicas.map((replicas, index) => ({ index, replicas })),
          },
        ],
      });
      requireNone(`moving ${action.topic}`, answer);
      for (const topic of answer.topics)
        for (const partition of topic.partitions)
          requireNone(`${action.topic}-${partition.index}`, partition);
      return;
    }
    case "elect-leaders": {
      const answer = await broker.call(electLeaders, {
        electionType: 0,
        topics: action.partitions.map(({ topic, partitions }) => ({ name: topic, partitions })),
        timeoutMs: serverTimeoutMs,
      });
      requireNone("electing leaders", answer);
      for (const topic of answer.topics)
        for (const one of topic.partitions)
          requireNone(
            `${topic.name}-${one.index}`,
            one,
            "ELECTION_NOT_NEEDED",
            "PREFERRED_LEADER_NOT_AVAILABLE",
          );
      return;
    }
  }
}

/** One request a credential: those of one request are taken in no order that is promised. */
async function setUser(ctx: Ctx<KafkaSpec>, broker: BrokerConnection, user: string): Promise<void> {
  const { upsertions, deletions } = await credentialsOf(ctx, user);
  const send = async (request: { deletions: readonly string[]; upsertions: typeof upsertions }) => {
    const answer = await broker.call(alterScramUsers, {
      deletions: request.deletions.map((name) => ({ name, mechanism: scramSha512 })),
      upsertions: request.upsertions,
    });
    for (const one of answer.users) requireNone(`user ${one.name}`, one, "RESOURCE_NOT_FOUND");
  };
  for (const upsertion of upsertions) await send({ upsertions: [upsertion], deletions: [] });
  if (deletions.length > 0) await send({ upsertions: [], deletions });
}

const isSame = (a: KafkaAction, b: KafkaAction): boolean => {
  const { why: _a, ...first } = a;
  const { why: _b, ...second } = b;
  return isDeepStrictEqual(first, second);
};

/** The reason may be worded by figures that move on; everything that is acted by must be the same. */
function requireAsked(action: KafkaAction, now: readonly KafkaAction[]): void {
  if (!now.some((one) => isSame(one, action)))
    throw kafkaError.KAFKA_GROUNDS_GONE({ action: action.kind, target: action.target });
}

/** @throws KAFKA_NOT_PROVEN while the same is still asked for after a while. */
async function proven(action: KafkaAction, look: () => Promise<readonly KafkaAction[]>): Promise<void> {
  const startedAt = Date.now();
  for (;;) {
    const left = (await look()).find((one) => isSame(one, action));
    if (left === undefined) return;
    const waitedMs = Date.now() - startedAt;
    if (waitedMs > proofMs)
      throw kafkaError.KAFKA_NOT_PROVEN({
        action: action.kind,
        target: action.target,
        saw: left.why,
        waitedMs,
      });
    await sleep(pollMs);
  }
}
