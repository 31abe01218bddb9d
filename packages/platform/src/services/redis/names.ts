/** Every name that two parts of this service agree on: instances, ports, users, secrets, files. */
import type { InstanceName } from "../../plan/model.ts";
import { instanceName, secretsDir } from "../../plan/names.ts";

export const serviceName = "redis";
export const workloadName = "redis";

export const nodeName = (index: number): InstanceName => instanceName(workloadName, index);

/** The bus port is the client port plus 10,000, by the server's own rule. */
export const ports = {
  redis: { name: "redis", number: 6379 },
  bus: { name: "bus", number: 16379 },
} as const;

/** Host port of node n is the site's `portBase` plus this plus n (docs/design/0001-contracts.md). */
export const hostPortOffset = 600;

/**
 * Clients learn the nodes' addresses from the cluster itself, which announces IP addresses only (host names came
 * with 7.0): the one name that every node's certificate carries is what they verify.
 */
export const serverName = "redis";

export const configFile = "redis.conf";
/** ACL rules, one user a line and without a password: the entrypoint adds the passwords' hashes. */
export const usersFile = "users";

/** A user's password stands in the secret `redis.<password>` and the file `<password>.password`. */
export const secretId = (password: string): string => `${serviceName}.${password}`;
export const passwordFile = (password: string): string => `${password}.password`;

/** The application's account. */
export const appUser = "default";
export const agentUser = "agent";
/** By whom a replica asks its master for data. The entrypoint keeps it off while the volume is empty. */
export const replicaUser = "replica";
export const exporterUser = "exporter";
/** Names of users and of secrets that an account of mall.yaml cannot have. */
export const reservedAccounts: ReadonlySet<string> = new Set([
  appUser,
  agentUser,
  replicaUser,
  exporterUser,
  "replication",
]);
/** What `mall redis` runs in the container: reads the password from its file there. */
export const shellCommand = "/usr/local/bin/mall-shell";

export const certificateFiles = (instance: InstanceName) => {
  const dir = secretsDir(instance);
  return { cert: `${dir}/tls.crt`, key: `${dir}/tls.key`, ca: `${dir}/ca.crt` } as const;
};
