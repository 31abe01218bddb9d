/** Users, roles and what each may do. Passwords are secrets; what stands here is none. */
import { agentUser, builtInUsers, exporterUser, realms, roleName } from "./names.ts";
import type { ElasticsearchSpec } from "./spec.ts";
import type { Acceptance } from "./state.ts";

export interface Role {
  readonly name: string;
  readonly cluster: readonly string[];
  readonly indices: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
}

export interface User {
  readonly name: string;
  readonly role: string;
}

/** Users of the native realm: made through the server's own interface, kept in its index. */
export const nativeUsers = (spec: ElasticsearchSpec): readonly User[] =>
  [exporterUser, ...Object.keys(spec.applications)].map((name) => ({ name, role: roleName(name) }));

export const rolesOf = (spec: ElasticsearchSpec): readonly Role[] => [
  // Figures only: no document.
  {
    name: roleName(exporterUser),
    cluster: ["monitor"],
    indices: [{ names: ["*"], privileges: ["monitor", "view_index_metadata"] }],
  },
  ...Object.entries(spec.applications).map(([name, { indices }]) => ({
    name: roleName(name),
    // Clients ask the server for its version and health when they connect.
    cluster: ["monitor"],
    indices: [{ names: indices, privileges: ["all"] }],
  })),
];

/** Lines of the file `users`: who may stand in the nodes' own files, with which password and role. */
export const fileUsers = (
  spec: ElasticsearchSpec,
): readonly { readonly name: string; readonly role: string }[] => [
  { name: agentUser, role: "superuser" },
  ...nativeUsers(spec),
];

/** Names that an application cannot have: those that are ours, and the server's own. */
export const takenNames: readonly string[] = [
  agentUser,
  exporterUser,
  ...builtInUsers,
  "kibana",
  "logstash_system",
  "beats_system",
  "apm_system",
  "remote_monitoring_user",
];

/**
 * What the nodes that were asked made of a password: the realm that took it, or undefined.
 * @param isEverybody whether these are all nodes of the plan
 */
export function acceptanceOf(found: readonly (string | undefined)[], isEverybody: boolean): Acceptance {
  if (found.every((realm) => realm === undefined)) return "none";
  if (found.some((realm) => realm === undefined)) return "some";
  return isEverybody && found.every((realm) => realm === realms.file) ? "files" : "all";
}
