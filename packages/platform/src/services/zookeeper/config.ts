/** zoo.cfg and the options of the JVM. The server reads both at its start alone. */
import type { InstanceName, Setting } from "../../plan/model.ts";
import { instanceAddress } from "../../plan/names.ts";
import { dirs, knownClients, nodeName, ports, watchedKeys, workloadName } from "./names.ts";
import { sizesOf } from "./sizing.ts";
import type { ZookeeperSpec } from "./spec.ts";

const restart = (key: string, value: string | number | boolean): Setting => ({
  key,
  value: `${value}`,
  apply: "restart",
});

/** Keys: zookeeper.apache.org/doc/r3.9.4/zookeeperAdmin.html, "Configuration Parameters". */
export function zookeeperSettings(spec: ZookeeperSpec): readonly Setting[] {
  return [
    restart("tickTime", spec.tickTime),
    // Ticks: to come up and load what the leader has, and to be behind it.
    restart("initLimit", 15),
    restart("syncLimit", 5),
    restart("dataDir", dirs.snapshots),
    restart("dataLogDir", dirs.log),
    // Connections are few: three brokers, and whoever looks.
    restart("maxClientCnxns", 60),
    restart("autopurge.snapRetainCount", spec.snapshotsKept),
    restart("autopurge.purgeInterval", 6),
    restart("standaloneEnabled", spec.nodes === 1),
    restart("reconfigEnabled", false),
    restart("admin.enableServer", false),
    restart("4lw.commands.whitelist", "srvr,mntr,ruok"),
    ...tls,
    ...ensemble(spec),
  ];
}

const store = (prefix: string): readonly Setting[] => [
  restart(`${prefix}keyStore.type`, "PEM"),
  restart(`${prefix}keyStore.location`, watchedKeys.keys),
  restart(`${prefix}trustStore.type`, "PEM"),
  restart(`${prefix}trustStore.location`, watchedKeys.authorities),
  restart(`${prefix}enabledProtocols`, "TLSv1.3,TLSv1.2"),
];

/** No port without TLS, and none that takes a client without a certificate. */
const tls: readonly Setting[] = [
  restart("secureClientPort", ports.client.number),
  restart("serverCnxnFactory", "org.apache.zookeeper.server.NettyServerCnxnFactory"),
  restart("authProvider.x509", "mallstack.zookeeper.KnownClients"),
  restart("mall.clients", knownClients.join(",")),
  restart("ssl.clientAuth", "need"),
  ...store("ssl."),
  // New files are read without a restart.
  restart("client.certReload", true),
  restart("sslQuorum", true),
  ...store("ssl.quorum."),
  restart("sslQuorumReloadCertFiles", true),
  // Whom a node connects to is held against the name it dialled. Who connects comes from an address, whose name
  // neither Docker nor Kubernetes tells in the form of the certificates.
  restart("ssl.quorum.hostnameVerification", true),
  restart("ssl.quorum.clientHostnameVerification", false),
];

function ensemble(spec: ZookeeperSpec): readonly Setting[] {
  return [
    restart("quorumListenOnAllIPs", true),
    ...Array.from({ length: spec.nodes }, (_, i) => {
      const peer = instanceAddress(workloadName, nodeName(i + 1));
      return restart(`server.${i + 1}`, `${peer}:${ports.quorum.number}:${ports.election.number}`);
    }),
  ];
}

/** Where each client finds the ensemble. */
export const clientAddresses = (nodes: readonly InstanceName[]): string =>
  nodes.map((node) => `${instanceAddress(workloadName, node)}:${ports.client.number}`).join(",");

export function jvmOptions(spec: ZookeeperSpec): string {
  const heapMiB = sizesOf(spec).heapBytes / 2 ** 20;
  return `${[
    `-Xms${Math.min(heapMiB, 48)}m`,
    `-Xmx${heapMiB}m`,
    // A small heap, and code that is never hot: less memory and a quicker start than with the servers' defaults.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:ReservedCodeCacheSize=32m",
    // A server that is out of memory answers heartbeats and nothing else.
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    // A peer may come back at another address.
    "-Dsun.net.inetaddr.ttl=5",
    "-Dsun.net.inetaddr.negative.ttl=1",
    "-Dorg.slf4j.simpleLogger.logFile=System.out",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
  ].join("\n")}\n`;
}
