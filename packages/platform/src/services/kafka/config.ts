/** server.properties as settings, with how a change of each reaches the running broker; and the options of the JVM. */
import type { InstanceName, Setting } from "../../plan/model.ts";
import { instanceAddress, secretsDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import {
  agentPrincipal,
  brokerIdOf,
  brokerPrincipal,
  logDir,
  mechanism,
  operatorUser,
  ports,
  workloadName,
} from "./names.ts";
import { sizesOf } from "./sizing.ts";
import type { KafkaSpec } from "./spec.ts";

type Value = string | number | boolean;
/** Altered by the agent while the broker runs: "update mode" cluster-wide or per-broker in the manual. */
const live = (key: string, value: Value): Setting => ({ key, value: `${value}`, apply: "live" });
const restart = (key: string, value: Value): Setting => ({ key, value: `${value}`, apply: "restart" });

export interface Place {
  readonly instance: InstanceName;
  /** Where clients on the host reach this broker. */
  readonly externalPort: number;
  /** `host:port` of each ZooKeeper, with commas. */
  readonly zookeeper: string;
}

/** Keys that decide who may do what or who is who: `settings` may not change them. */
export const ownSettings =
  /^(broker\.id|listeners|advertised\.|listener\.|inter\.broker|log\.dirs?$|zookeeper\.|ssl\.|sasl\.|security\.|authorizer\.|super\.users|allow\.everyone|principal\.)/;

/** Keys: kafka.apache.org/39/documentation.html#brokerconfigs */
export function kafkaSettings(spec: KafkaSpec, site: Site, place: Place): readonly Setting[] {
  const own = [
    ...identity(site, place),
    ...zookeeper(place),
    ...keys(place.instance),
    ...access,
    ...topics(spec),
    ...retention(spec),
    ...work(spec),
  ];
  const given = Object.entries(spec.settings).filter(([key]) => !ownSettings.test(key));
  const replaced = new Map(given);
  return [
    ...own.map((one) => {
      const value = replaced.get(one.key);
      return value === undefined ? one : { ...one, value: `${value}` };
    }),
    ...given
      .filter(([key]) => !own.some((one) => one.key === key))
      .map(([key, value]) => restart(key, value)),
  ];
}

/** An unspecified bind address is reached through loopback. */
export const externalHost = (bind: string): string =>
  bind === "0.0.0.0" ? "127.0.0.1" : bind === "::" ? "[::1]" : bind.includes(":") ? `[${bind}]` : bind;

function identity(site: Site, { instance, externalPort }: Place): readonly Setting[] {
  const own = instanceAddress(workloadName, instance);
  return [
    restart("broker.id", brokerIdOf(instance)),
    restart("broker.id.generation.enable", false),
    restart(
      "listeners",
      `CLIENTS://:${ports.clients.number},PEERS://:${ports.peers.number},EXTERNAL://:${ports.external.number}`,
    ),
    restart(
      "advertised.listeners",
      `CLIENTS://${own}:${ports.clients.number},PEERS://${own}:${ports.peers.number},EXTERNAL://${externalHost(site.bind)}:${externalPort}`,
    ),
    restart("listener.security.protocol.map", "CLIENTS:SASL_SSL,PEERS:SSL,EXTERNAL:SASL_SSL"),
    restart("inter.broker.listener.name", "PEERS"),
    restart("log.dirs", logDir),
  ];
}

function zookeeper({ instance, zookeeper: addresses }: Place): readonly Setting[] {
  const dir = secretsDir(instance);
  return [
    // Below a node of their own: it is made by the first broker, with the right to change it for brokers alone.
    restart("zookeeper.connect", `${addresses}/kafka`),
    restart("zookeeper.set.acl", true),
    // A broker that is killed counts as gone after this; one whose processor is taken away for long must not.
    restart("zookeeper.session.timeout.ms", 9_000),
    restart("zookeeper.connection.timeout.ms", 60_000),
    restart("zookeeper.clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocketNetty"),
    restart("zookeeper.ssl.client.enable", true),
    // The brokers' client is of 3.8, whose own default a server of 3.9 does not speak.
    restart("zookeeper.ssl.protocol", "TLSv1.3"),
    restart("zookeeper.ssl.keystore.type", "PEM"),
    restart("zookeeper.ssl.keystore.location", `${dir}/tls.pem`),
    restart("zookeeper.ssl.truststore.type", "PEM"),
    restart("zookeeper.ssl.truststore.location", `${dir}/ca.crt`),
  ];
}

/** New files are taken up by the next connection, in both directions. */
function keys(instance: InstanceName): readonly Setting[] {
  const dir = secretsDir(instance);
  return [
    restart("ssl.engine.factory.class", "mallstack.kafka.FreshTls"),
    restart("ssl.keystore.type", "PEM"),
    restart("ssl.keystore.location", `${dir}/tls.pem`),
    restart("ssl.truststore.type", "PEM"),
    restart("ssl.truststore.location", `${dir}/ca.crt`),
    restart("ssl.enabled.protocols", "TLSv1.3,TLSv1.2"),
    restart("listener.name.peers.ssl.client.auth", "required"),
    restart("listener.name.clients.ssl.client.auth", "none"),
    restart("listener.name.external.ssl.client.auth", "none"),
    // A certificate's common name is who its holder is; all brokers are one.
    restart(
      "listener.name.peers.ssl.principal.mapping.rules",
      `RULE:^CN=${workloadName}-[0-9]+$/${brokerPrincipal}/,RULE:^CN=([a-zA-Z0-9.-]+)$/$1/,DEFAULT`,
    ),
  ];
}

const access: readonly Setting[] = [
  restart("security.providers", "mallstack.kafka.Scram"),
  restart("sasl.enabled.mechanisms", mechanism),
  ...["clients", "external"].map((listener) =>
    restart(
      `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`,
      "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    ),
  ),
  restart("authorizer.class.name", "kafka.security.authorizer.AclAuthorizer"),
  restart("allow.everyone.if.no.acl.found", false),
  restart(
    "super.users",
    [brokerPrincipal, agentPrincipal, operatorUser].map((name) => `User:${name}`).join(";"),
  ),
];

/** Kafka's own topics: a number that three brokers share evenly, and that a mall's few groups do not outgrow. */
const ownPartitions = 12;

function topics(spec: KafkaSpec): readonly Setting[] {
  const copies = Math.min(spec.replicationFactor, spec.brokers);
  const inSync = Math.min(spec.minInSyncReplicas, copies);
  return [
    restart("auto.create.topics.enable", spec.autoCreateTopics),
    restart("num.partitions", spec.partitions),
    restart("default.replication.factor", copies),
    live("min.insync.replicas", inSync),
    // A copy that lags never takes over: what was acknowledged stays.
    live("unclean.leader.election.enable", false),
    restart("offsets.topic.replication.factor", copies),
    restart("offsets.topic.num.partitions", ownPartitions),
    restart("transaction.state.log.replication.factor", copies),
    restart("transaction.state.log.num.partitions", ownPartitions),
    restart("transaction.state.log.min.isr", inSync),
    // The agent does so too, within seconds of a broker's return.
    restart("auto.leader.rebalance.enable", true),
    restart("controlled.shutdown.enable", true),
    restart("replica.lag.time.max.ms", 10_000),
    // The first consumer of a group waits this long for others; three seconds are for hundreds of them.
    restart("group.initial.rebalance.delay.ms", 500),
  ];
}

/** KA-5: by age and by size, whichever comes first. */
const retention = (spec: KafkaSpec): readonly Setting[] => [
  live("log.retention.ms", spec.retention),
  live("log.retention.bytes", spec.retentionBytes),
  // Only whole segments are deleted: a quarter of what is kept, so that the limits mean something.
  live("log.segment.bytes", Math.max(16 * 2 ** 20, Math.min(2 ** 30, Math.floor(spec.retentionBytes / 4)))),
  restart("log.retention.check.interval.ms", 300_000),
  live("log.cleanup.policy", "delete"),
];

/** KA-6, from cores and memory. */
function work(spec: KafkaSpec): readonly Setting[] {
  const sizes = sizesOf(spec);
  return [
    live("num.network.threads", sizes.networkThreads),
    live("num.io.threads", sizes.ioThreads),
    live("num.replica.fetchers", 1),
    live("num.recovery.threads.per.data.dir", Math.max(1, Math.floor(spec.cpus))),
    live("background.threads", Math.max(4, Math.floor(spec.cpus) * 2)),
    restart("socket.send.buffer.bytes", sizes.socketBufferBytes),
    restart("socket.receive.buffer.bytes", sizes.socketBufferBytes),
    restart("socket.request.max.bytes", sizes.requestBytes),
    restart("queued.max.requests", sizes.queuedRequests),
    live("message.max.bytes", spec.maxMessage),
    restart("replica.fetch.max.bytes", sizes.replicaFetchBytes),
    live("max.connections", sizes.maxConnections),
    restart("log.cleaner.dedupe.buffer.size", Math.max(4 * 2 ** 20, Math.floor(sizes.heapBytes / 20))),
  ];
}

export function jvmOptions(spec: KafkaSpec): string {
  const heapMiB = sizesOf(spec).heapBytes / 2 ** 20;
  // Below a gigabyte, G1's regions and threads cost more than its shorter pauses bring.
  const collector =
    heapMiB < 1024
      ? ["-XX:+UseSerialGC"]
      : ["-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:+AlwaysPreTouch"];
  return `${[
    `-Xms${heapMiB < 1024 ? Math.min(heapMiB, 128) : heapMiB}m`,
    `-Xmx${heapMiB}m`,
    ...collector,
    "-XX:ReservedCodeCacheSize=96m",
    "-XX:MaxDirectMemorySize=96m",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    // A peer may come back at another address.
    "-Dsun.net.inetaddr.ttl=5",
    "-Dsun.net.inetaddr.negative.ttl=1",
    // Native code of the compressions unpacks here.
    "-Djava.io.tmpdir=/tmp",
  ].join("\n")}\n`;
}

/** What a broker should say of every setting that can be altered while it runs, by name. */
export const liveSettings = (settings: readonly Setting[]): ReadonlyMap<string, string> =>
  new Map(settings.filter(({ apply }) => apply === "live").map(({ key, value }) => [key, value]));
