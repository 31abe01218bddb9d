/** Every name that two parts of this service agree on: instances, ports, users, secrets, files. */
import type { InstanceName } from "../../plan/model.ts";
import { dataDir, instanceName } from "../../plan/names.ts";

export const serviceName = "kafka";
export const workloadName = "kafka";

export const nodeName = (index: number): InstanceName => instanceName(workloadName, index);
/** The instance's number is its `broker.id` (KA-2). */
export const brokerIdOf = (instance: InstanceName): number => Number(instance.split("-").at(-1));

/**
 * `clients`: in the mall, by password. `external`: the same for clients on the host, who are told other addresses.
 * `peers`: by certificate, for the brokers among themselves and the agent.
 */
export const ports = {
  clients: { name: "clients", number: 9092 },
  peers: { name: "peers", number: 9093 },
  external: { name: "external", number: 9094 },
} as const;

/** Host port of broker n is the site's `portBase` plus this plus n (docs/design/0001-contracts.md). */
export const hostPortOffset = 920;

/** The one way to log in by password. */
export const mechanism = "SCRAM-SHA-512";

export const configFile = "server.properties";
export const jvmFile = "jvm.options";
export const logDir = `${dataDir}/log`;

/** A user's password stands in the secret `kafka.<user>` and the file `<user>.password`. */
export const secretId = (user: string): string => `${serviceName}.${user}`;
export const passwordFile = (user: string): string => `${user}.password`;

/** The application's account. */
export const appUser = "app";
/** A person, and the command line on the host; may do everything. */
export const operatorUser = "operator";
/** Names that an account of mall.yaml cannot have: whoever it was would get another's rights. */
export const reservedAccounts: ReadonlySet<string> = new Set([appUser, operatorUser, "agent", "broker"]);
/** Whom the certificates of the brokers and of the agent are: both may do everything. */
export const brokerPrincipal = "broker";
export const agentPrincipal = "agent";

/** During a rotation the credential of this user is the one before (images/kafka/java, ScramServer). */
export const previousUser = (user: string): string => `${user}.previous`;

/** What `mall kafka` runs in the container: reads the password from its file there. */
export const shellCommand = "/usr/local/bin/mall-shell";
