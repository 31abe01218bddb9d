/** One Kafka broker on one ZooKeeper, by the images alone: settings as a mall's, for a cluster of one. */
import { randomBytes } from "node:crypto";
import { alterScramUsers, scramSha512 } from "../../packages/platform/src/services/kafka/protocol/apis.ts";
import {
  type BrokerConnection,
  openBroker,
} from "../../packages/platform/src/services/kafka/protocol/connection.ts";
import { requireNone } from "../../packages/platform/src/services/kafka/protocol/errors.ts";
import {
  leastIterations,
  saltedPassword,
} from "../../packages/platform/src/services/kafka/protocol/scram.ts";
import type { Bench, Container } from "./standalone.ts";

const keys = (prefix: string, at: string) => `${prefix}keystore.type PEM
${prefix}keystore.location ${at}/tls.pem
${prefix}truststore.type PEM
${prefix}truststore.location ${at}/ca.crt
`;
const zooKeeper = `tickTime 1000
dataDir /data/snapshots
dataLogDir /data/log
admin.enableServer false
4lw.commands.whitelist srvr
serverCnxnFactory org.apache.zookeeper.server.NettyServerCnxnFactory
secureClientPort 2281
authProvider.x509 mallstack.zookeeper.KnownClients
mall.clients broker-1,keeper-1
ssl.clientAuth need
ssl.keyStore.type PEM
ssl.keyStore.location /run/mall/tls/tls.pem
ssl.trustStore.type PEM
ssl.trustStore.location /run/mall/tls/ca.crt
`;
const properties = `broker.id 1
listeners CLIENTS://:9092,PEERS://:9093
advertised.listeners CLIENTS://broker-1:9092,PEERS://broker-1:9093
listener.security.protocol.map CLIENTS:SASL_SSL,PEERS:SSL
inter.broker.listener.name PEERS
listener.name.peers.ssl.client.auth required
listener.name.peers.ssl.principal.mapping.rules RULE:^CN=broker-[0-9]+$/broker/,RULE:^CN=([a-zA-Z0-9.-]+)$/$1/,DEFAULT
log.dirs /data/log
zookeeper.connect keeper-1:2281/kafka
zookeeper.set.acl true
zookeeper.connection.timeout.ms 60000
zookeeper.clientCnxnSocket org.apache.zookeeper.ClientCnxnSocketNetty
zookeeper.ssl.client.enable true
zookeeper.ssl.protocol TLSv1.3
${keys("zookeeper.ssl.", "/secrets/broker-1/current")}ssl.engine.factory.class mallstack.kafka.FreshTls
${keys("ssl.", "/secrets/broker-1/current")}security.providers mallstack.kafka.Scram
sasl.enabled.mechanisms SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name kafka.security.authorizer.AclAuthorizer
allow.everyone.if.no.acl.found false
auto.create.topics.enable false
super.users User:broker;User:operator
default.replication.factor 1
offsets.topic.replication.factor 1
offsets.topic.num.partitions 1
transaction.state.log.replication.factor 1
transaction.state.log.min.isr 1
group.initial.rebalance.delay.ms 0
`;

export const operatorPassword = "OperatorSecret1";

/** A broker that is asked takes this long at most. */
export const limits = () => ({ signal: AbortSignal.timeout(20_000), timeoutMs: 10_000 });

export interface LoneBroker {
  readonly broker: Container;
  /** At the brokers' own port as the holder of such a certificate. */
  peer<T>(holder: string, work: (connection: BrokerConnection) => Promise<T>): Promise<T>;
  /** undefined: the user goes. */
  setUser(name: string, password: string | undefined, salt?: Uint8Array): Promise<void>;
}

/** @returns once it is healthy */
export async function loneBroker(
  bench: Bench,
  images: ReadonlyMap<string, { readonly tag: string }>,
): Promise<LoneBroker> {
  const tag = (name: string) => images.get(name)?.tag ?? "";
  await bench.run("keeper-1", {
    image: tag("zookeeper"),
    uid: 10005,
    config: { "zoo.cfg": zooKeeper, "jvm.options": "-Xmx64m\n-XX:+UseSerialGC\n" },
  });
  const broker = await bench.run("broker-1", {
    image: tag("kafka"),
    uid: 10006,
    config: { "server.properties": properties, "jvm.options": "-Xmx256m\n-XX:+UseSerialGC\n" },
    secrets: { "operator.password": operatorPassword },
    // As the plan has it: native code is mapped from here.
    options: ["--tmpfs", "/tmp:exec,mode=1777,size=32m"],
  });
  await broker.untilHealthy(90_000);

  const ownSalt = randomBytes(32);
  const peer: LoneBroker["peer"] = async (holder, work) => {
    const own = await bench.identity(holder);
    const identity = { ca: bench.authority, cert: own["tls.crt"] ?? "", key: own["tls.key"] ?? "" };
    const at = { host: await broker.address(), port: 9093, serverName: "broker-1" };
    const connection = await openBroker(at, { ...limits(), identity });
    try {
      return await work(connection);
    } finally {
      connection.close();
    }
  };
  return {
    broker,
    peer,
    setUser: (name, password, salt = ownSalt) =>
      peer("broker-1", async (connection) => {
        const answer = await connection.call(alterScramUsers, {
          deletions: password === undefined ? [{ name, mechanism: scramSha512 }] : [],
          upsertions:
            password === undefined
              ? []
              : [
                  {
                    name,
                    mechanism: scramSha512,
                    iterations: leastIterations,
                    salt,
                    saltedPassword: await saltedPassword(password, salt, leastIterations),
                  },
                ],
        });
        for (const one of answer.users) requireNone(name, one);
      }),
  };
}
