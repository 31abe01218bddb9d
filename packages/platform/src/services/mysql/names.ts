/** Every name that two parts of this service agree on: instances, users, secrets, files, roles. */

import type { InstanceName } from "../../plan/model.ts";
import { instanceAddress, instanceName } from "../../plan/names.ts";

export const workloadName = "mysql";

/** One primary and two replicas (MY-2). The number is fixed: the arithmetic of a lossless failover rests on it. */
export const nodeIds = [1, 2, 3] as const;
export const nodeName = (id: number): InstanceName => instanceName(workloadName, id);
export const nodeNames = [nodeName(1), nodeName(2), nodeName(3)] as const;
export const nodeAddress = (instance: InstanceName): string => instanceAddress(workloadName, instance);

/** `mysql-3` → 3; the server's `server_id`. */
export const serverIdOf = (instance: InstanceName): number => Number(instance.slice(workloadName.length + 1));

/** The instance whose address a replication channel names, or undefined for a stranger's. */
export const instanceAt = (host: string): InstanceName | undefined =>
  nodeNames.find((name) => nodeAddress(name) === host);

export const ports = { mysql: 3306, admin: 33062 } as const;

export const roles = { primary: "mysql-primary", replica: "mysql-replica" } as const;
export const routeNames = { primary: "mysql-primary", replicas: "mysql-replicas" } as const;

/** Offsets from the site's `portBase`. */
export const hostPortOffsets = { primary: 306, replicas: 307 } as const;

/** Files of the plan and of the image's entrypoint. */
export const files = {
  config: "my.cnf",
  socket: "/run/mall/mysqld.sock",
  pid: "/run/mall/mysqld.pid",
  data: "/data/mysql",
  temporary: "/data/tmp",
  slowLog: "/data/slow.log",
} as const;

/** Passwords that stand in each instance's secrets folder: its entrypoint sets them at every start. */
export const localSecrets = {
  root: { id: "mysql.root", file: "root.password" },
  agent: { id: "mysql.agent", file: "agent.password" },
} as const;

/** Accounts that the agent keeps whatever the spec says. */
export const accountNames = {
  replication: "replication",
  app: "app",
  reader: "reader",
  exporter: "exporter",
  backup: "backup",
} as const;

/** The agent's own account, made by the entrypoint on each node outside of the binary log. */
export const agentUser = "agent";

export const reservedAccounts: ReadonlySet<string> = new Set([
  "root",
  agentUser,
  ...Object.values(accountNames),
]);

/** Schema that carries who the primary is; replicated like any other. */
export const metaSchema = "mallstack";
