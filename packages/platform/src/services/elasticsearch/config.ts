/** Files of a node. Pure. */
import type { InstanceName } from "../../plan/model.ts";
import { dataDir, instanceAddress } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { nodeName, ports, realms, snapshotsFolder, workloadName } from "./names.ts";
import { sizesOf } from "./sizing.ts";
import { countOf, type ElasticsearchSpec } from "./spec.ts";

const MiB = 2 ** 20;

export function nodeSettings(
  spec: ElasticsearchSpec,
  site: Site,
  index: number,
): readonly (readonly [string, string])[] {
  const self = nodeName(index);
  const { watermarks } = sizesOf(spec);
  const roles = spec.roles[index - 1] ?? [];
  const tls = (port: string): readonly (readonly [string, string])[] => [
    [`xpack.security.${port}.ssl.enabled`, "true"],
    [`xpack.security.${port}.ssl.supported_protocols`, "[TLSv1.3, TLSv1.2]"],
    [`xpack.security.${port}.ssl.key`, "certs/tls.key"],
    [`xpack.security.${port}.ssl.certificate`, "certs/tls.crt"],
    [`xpack.security.${port}.ssl.certificate_authorities`, "certs/ca.crt"],
  ];
  return [
    ["cluster.name", site.name],
    ["node.name", self],
    ["node.roles", `[${roles.join(", ")}]`],
    ["path.data", dataDir],
    ["path.logs", "/tmp"],
    ["path.repo", snapshotsFolder],
    ["network.bind_host", "0.0.0.0"],
    // By name: a container's address may be another at each start, and the name is what certificates hold.
    ["network.publish_host", instanceAddress(workloadName, self)],
    ["http.port", `${ports.http.number}`],
    ["transport.port", `${ports.transport.number}`],
    ...discovery(spec),
    ...allocation(watermarks),
    ["indices.fielddata.cache.size", `${Math.round(spec.fielddataCacheRatio * 100)}%`],
    ["xpack.license.self_generated.type", "basic"],
    ["xpack.security.enabled", "true"],
    // In this order: a user's previous password may stand in the files while the present one is the index's.
    [`xpack.security.authc.realms.file.${realms.file}.order`, "0"],
    [`xpack.security.authc.realms.native.${realms.native}.order`, "1"],
    // And in no other: by itself the server asks first whoever knew a user last.
    ["xpack.security.authc.success_cache.enabled", "false"],
    ...tls("transport"),
    ["xpack.security.transport.ssl.client_authentication", "required"],
    ["xpack.security.transport.ssl.verification_mode", "full"],
    ...tls("http"),
    // Applications have a password and the CA, no key of their own.
    ["xpack.security.http.ssl.client_authentication", "none"],
    // Certificates and users are looked at this often.
    ["resource.reload.interval.high", "1s"],
  ];
}

function discovery(spec: ElasticsearchSpec): readonly (readonly [string, string])[] {
  const peers = spec.roles.flatMap((roles, i) => {
    const name = nodeName(i + 1);
    return roles.includes("master")
      ? [`"${instanceAddress(workloadName, name)}:${ports.transport.number}"`]
      : [];
  });
  return [
    ["discovery.seed_hosts", `[${peers.join(", ")}]`],
    // Peers are looked for four times a second: three nodes that start at once find each other sooner.
    ["discovery.find_peers_interval", "250ms"],
    // A node without a master soon answers all the same, so that it can be asked what it lacks.
    ["discovery.initial_state_timeout", "5s"],
    // Three looks of 5 s instead of 10: a node that hangs is given up after 15 s. One that dies is seen at once.
    ["cluster.fault_detection.follower_check.timeout", "5s"],
    ["cluster.fault_detection.leader_check.timeout", "5s"],
  ];
}

const allocation = (free: {
  readonly low: number;
  readonly high: number;
  readonly flood: number;
}): readonly (readonly [string, string])[] => [
  ["cluster.routing.allocation.disk.watermark.low", `${free.low / MiB}mb`],
  ["cluster.routing.allocation.disk.watermark.high", `${free.high / MiB}mb`],
  ["cluster.routing.allocation.disk.watermark.flood_stage", `${free.flood / MiB}mb`],
];

export const yamlText = (settings: readonly (readonly [string, string])[]): string =>
  settings.map(([key, value]) => `${key}: ${value}\n`).join("");

/** The master-eligible nodes of the first formation: a cluster begins when most of them see each other. */
export const firstMasters = (spec: ElasticsearchSpec): string => {
  const names = spec.roles.flatMap((roles, i): readonly InstanceName[] =>
    roles.includes("master") ? [nodeName(i + 1)] : [],
  );
  return yamlText([["cluster.initial_master_nodes", `[${names.join(", ")}]`]]);
};

export function jvmOptions(spec: ElasticsearchSpec): string {
  const { heapBytes, directBytes } = sizesOf(spec);
  return [
    `-Xms${heapBytes / MiB}m`,
    `-Xmx${heapBytes / MiB}m`,
    `-XX:MaxDirectMemorySize=${directBytes / MiB}m`,
    // The optimizing compiler waits for code that is hot for long. At a start it would take as much of the cores as
    // the start itself (measured: 4 s instead of 5 to 7 of processor time), for code that runs once.
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=5000",
    "-XX:Tier4CompileThreshold=100000",
    "-XX:Tier4BackEdgeThreshold=400000",
    "",
  ].join("\n");
}

export const isSingleNode = (spec: ElasticsearchSpec): boolean => countOf(spec, "master") === 1;
