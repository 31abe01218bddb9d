/** Every name that two parts of this service agree on: instances, ports, users, secrets, files. */
import type { InstanceName } from "../../plan/model.ts";
import { instanceName } from "../../plan/names.ts";

export const serviceName = "elasticsearch";
export const workloadName = "elasticsearch";

export const nodeName = (index: number): InstanceName => instanceName(workloadName, index);

export const ports = {
  http: { name: "http", number: 9200 },
  transport: { name: "transport", number: 9300 },
} as const;

/** Host port of node n is the site's `portBase` plus this plus n (docs/design/0001-contracts.md). */
export const hostPortOffset = 200;

export const configFile = "elasticsearch.yml";
export const jvmFile = "jvm.options";
/** The one setting of a first formation; the entrypoint adds it where no cluster was formed yet. */
export const firstMastersFile = "first-masters";
/** Name, password and role of each user that the file realm may hold: the entrypoint adds the passwords' hashes. */
export const usersFile = "users";

/** A user's password stands in the secret `elasticsearch.<user>` and, at the nodes, in the file `<user>.password`. */
export const secretId = (user: string): string => `${serviceName}.${user}`;
export const passwordFile = (user: string): string => `${user}.password`;

/** By whom the agent and `mall es` are known: in the nodes' files alone, so that it is there before any index is. */
export const agentUser = "agent";
export const exporterUser = "exporter";
/** The server's own users that are given a password: for people, and for Kibana. */
export const builtInUsers = ["elastic", "kibana_system"] as const;

export const realms = { file: "previous", native: "users" } as const;

/** Folder of snapshots, one volume for all nodes; also where it stands that a cluster was formed. */
export const snapshotsFolder = "/snapshots";
export const snapshotsVolume = "elasticsearch-snapshots";
export const repositoryName = "mall";

/** A role's and a template's name; what is not ours is left alone. */
export const roleName = (user: string): string => `mall-${user}`;
export const templateName = (name: string): string => `mall-${name}`;
/** By this mark in their metadata we know what we made. */
export const mark = { mallstack: true } as const;
export const isOurs = (metadata: unknown): boolean =>
  typeof metadata === "object" && metadata !== null && Reflect.get(metadata, "mallstack") === true;

/** Free to use by the server's own rule (`cluster.metadata.*`): which node is being restarted, and since when. */
export const restartSetting = "cluster.metadata.mall_restart";

/** What `mall es` runs in the container. */
export const shellCommand = "/usr/local/bin/mall-shell";
