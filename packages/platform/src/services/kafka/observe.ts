/** Reads all brokers at once, each within its own limit, and the cluster by its controller's word. */

import { MallError, messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";
import { type Acl, anyNumber, principalOf } from "./access.ts";
import { instancesOf, withBroker } from "./client.ts";
import { liveSettings } from "./config.ts";
import { wrongUsers } from "./logins.ts";
import { brokerIdOf, configFile } from "./names.ts";
import {
  configResource,
  configSource,
  describeAcls,
  describeConfigs,
  describeScramUsers,
} from "./protocol/apis.ts";
import type { BrokerConnection } from "./protocol/connection.ts";
import { metadata } from "./protocol/data-apis.ts";
import { requireNone } from "./protocol/errors.ts";
import { type KafkaSpec, usersOf, wantedTopics } from "./spec.ts";
import {
  type BrokerState,
  type BrokerUp,
  type ClusterState,
  isUp,
  type KafkaState,
  type TopicState,
} from "./state.ts";

/** Longest time for one broker. */
const brokerTimeoutMs = 4_000;

/** Kafka's own topics. */
export const offsetsTopic = "__consumer_offsets";

export async function observeKafka(ctx: Ctx<KafkaSpec>): Promise<KafkaState> {
  const brokers = await Promise.all(instancesOf(ctx).map((instance) => observeBroker(ctx, instance)));
  return { at: ctx.now(), brokers, cluster: await observeCluster(ctx, brokers) };
}

export async function observeBroker(ctx: Ctx<KafkaSpec>, instance: InstanceName): Promise<BrokerState> {
  try {
    const wanted = await ctx.secrets.fingerprint(instance);
    return await withBroker(ctx, instance, (broker) => readBroker(ctx, broker, instance, wanted), {
      timeoutMs: patiently(ctx, brokerTimeoutMs),
      fingerprint: wanted,
    });
  } catch (error) {
    const cause = error instanceof MallError && error.cause !== undefined ? error.cause : error;
    return { instance, up: false, error: messageOf(cause).slice(0, 160) };
  }
}

const versionKey = "inter.broker.protocol.version";

async function readBroker(
  ctx: Ctx<KafkaSpec>,
  broker: BrokerConnection,
  instance: InstanceName,
  wantedFingerprint: string | undefined,
): Promise<BrokerUp> {
  const wanted = plannedSettings(ctx, instance);
  const id = brokerIdOf(instance);
  const [seen, config] = await Promise.all([
    broker.call(metadata, noTopics),
    brokerConfig(broker, id, [...wanted.keys(), versionKey]),
  ]);
  return {
    instance,
    up: true,
    id,
    registered: seen.brokers.map((one) => one.nodeId).sort((a, b) => a - b),
    controller: seen.controllerId,
    version: config.get(versionKey) ?? "",
    drift: [...wanted].flatMap(([key, value]) => {
      const is = config.get(key) ?? "";
      return is === value ? [] : [{ key, is, wanted: value }];
    }),
    certificate: { served: { fingerprint: broker.fingerprint }, wanted: wantedFingerprint },
  };
}

const noTopics = {
  topics: [],
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
} as const;

/** The live settings that the plan gives an instance. */
export function plannedSettings(
  ctx: Pick<Ctx<KafkaSpec>, "own">,
  instance: InstanceName,
): ReadonlyMap<string, string> {
  const files = ctx.own.workloads
    .flatMap((workload) => workload.instances)
    .filter((one) => one.name === instance)
    .flatMap((one) => one.files);
  const file = files.find((one) => one.path === configFile);
  return file?.format === "directives" ? liveSettings(file.settings) : new Map();
}

/** Settings in effect, by name; all of them when none is named. @throws KafkaRefusal */
export async function brokerConfig(
  broker: BrokerConnection,
  id: number,
  keys: readonly string[] | null,
): Promise<ReadonlyMap<string, string>> {
  const { results } = await broker.call(describeConfigs, {
    resources: [{ resourceType: configResource.broker, resourceName: `${id}`, keys }],
    includeSynonyms: false,
    includeDocumentation: false,
  });
  for (const result of results) requireNone("reading the settings", result);
  return new Map(results.flatMap((r) => r.configs.map((c) => [c.name, c.value ?? ""] as const)));
}

/** Whom most of the brokers that answer take for the controller, if it is one of them. */
export function controllerOf(brokers: readonly BrokerState[]): InstanceName | undefined {
  const up = brokers.filter(isUp);
  const votes = new Map<number, number>();
  for (const { controller } of up) votes.set(controller, (votes.get(controller) ?? 0) + 1);
  const [most] = [...votes].sort(([, a], [, b]) => b - a);
  return up.find((broker) => broker.id === most?.[0])?.instance;
}

async function observeCluster(
  ctx: Ctx<KafkaSpec>,
  brokers: readonly BrokerState[],
): Promise<ClusterState | undefined> {
  const controller = controllerOf(brokers);
  if (controller === undefined) return undefined;
  const up = brokers.filter(isUp).map((broker) => broker.instance);
  try {
    return await withBroker(ctx, controller, (broker) => readCluster(ctx, broker, controller, up), {
      timeoutMs: patiently(ctx, brokerTimeoutMs),
    });
  } catch (error) {
    ctx.log({ level: "warn", message: `the cluster cannot be read from ${controller}: ${messageOf(error)}` });
    return undefined;
  }
}

/** @throws KafkaRefusal, and what the connection throws */
export async function readCluster(
  ctx: Ctx<KafkaSpec>,
  broker: BrokerConnection,
  controller: InstanceName,
  up: readonly InstanceName[],
): Promise<ClusterState> {
  const [seen, acls, listed] = await Promise.all([
    broker.call(metadata, { ...noTopics, topics: null }),
    readAcls(broker, usersOf(ctx.spec)),
    broker.call(describeScramUsers, { users: null }),
  ]);
  requireNone("reading the users", listed, "RESOURCE_NOT_FOUND");
  const known = seen.topics.filter((topic) => topic.errorCode === 0);
  const partitions = known.flatMap((topic) => topic.partitions.map((p) => ({ ...p, topic: topic.name })));
  const declared = wantedTopics(ctx.spec).flatMap(({ name }) => known.filter((topic) => topic.name === name));
  const configs = await topicConfigs(
    broker,
    declared.map((topic) => topic.name),
  );
  const misled = known.map((topic) => ({
    topic: topic.name,
    partitions: topic.partitions
      .filter((p) => p.leader >= 0 && p.leader !== p.replicas[0] && p.inSync.includes(p.replicas[0] ?? -1))
      .map((p) => p.index),
  }));
  return {
    controller,
    partitions: partitions.length,
    topicNames: seen.topics.map((topic) => topic.name).sort(),
    underReplicated: partitions
      .filter((p) => p.inSync.length < p.replicas.length)
      .map((p) => `${p.topic}-${p.index}`),
    leaderless: partitions.filter((p) => p.leader < 0).map((p) => `${p.topic}-${p.index}`),
    misled: misled.filter((one) => one.partitions.length > 0),
    topics: declared.map(
      (topic): TopicState => ({
        name: topic.name,
        replicas: [...topic.partitions].sort((a, b) => a.index - b.index).map((p) => p.replicas),
        config: configs.get(topic.name) ?? {},
      }),
    ),
    hasOffsetsTopic: seen.topics.some((topic) => topic.name === offsetsTopic),
    wrongUsers: await wrongUsers(
      ctx,
      up,
      listed.users.map((user) => ({
        name: user.name,
        mechanisms: user.credentials.map((credential) => credential.mechanism),
      })),
    ),
    acls,
  };
}

/** Permissions of these users; what a person gave to others is theirs. */
async function readAcls(broker: BrokerConnection, users: readonly string[]): Promise<readonly Acl[]> {
  const answer = await broker.call(describeAcls, {
    resourceType: anyNumber,
    resourceName: null,
    patternType: anyNumber,
    principal: null,
    host: null,
    operation: anyNumber,
    permissionType: anyNumber,
  });
  requireNone("reading the permissions", answer);
  const planned = new Set(users.map(principalOf));
  return answer.resources
    .flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...resource, ...acl })))
    .filter(({ principal }) => planned.has(principal));
}

/** What each topic sets for itself. */
async function topicConfigs(
  broker: BrokerConnection,
  names: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  if (names.length === 0) return new Map();
  const { results } = await broker.call(describeConfigs, {
    resources: names.map((resourceName) => ({
      resourceType: configResource.topic,
      resourceName,
      keys: null,
    })),
    includeSynonyms: false,
    includeDocumentation: false,
  });
  for (const result of results) requireNone(`reading the settings of ${result.resourceName}`, result);
  return new Map(
    results.map((result) => [
      result.resourceName,
      Object.fromEntries(
        result.configs
          .filter((config) => config.source === configSource.topic)
          .map((config) => [config.name, config.value ?? ""]),
      ),
    ]),
  );
}
