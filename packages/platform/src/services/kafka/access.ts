/** Who may do what: the application's user, the accounts, and nobody else but those who may everything. */
import { appUser } from "./names.ts";
import type { KafkaSpec } from "./spec.ts";

/** Numbers of the protocol (`ResourceType`, `PatternType`, `AclOperation`, `AclPermissionType`). */
export const resourceTypes = { topic: 2, group: 3, cluster: 4, "transactional-id": 5 } as const;
export const patternTypes = { any: 1, literal: 3, prefixed: 4 } as const;
export const operations = {
  all: 2,
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  "cluster-action": 9,
  "describe-configs": 10,
  "alter-configs": 11,
  "idempotent-write": 12,
} as const;
export const permissions = { any: 1, deny: 2, allow: 3 } as const;
export const anyNumber = 1;

/** One line of the brokers' list, in the protocol's numbers. */
export interface Acl {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

export const principalOf = (user: string): string => `User:${user}`;

const allow =
  (user: string) =>
  (
    resource: keyof typeof resourceTypes,
    pattern: "literal" | "prefixed",
    name: string,
    ...what: readonly (keyof typeof operations)[]
  ): readonly Acl[] =>
    what.map((operation) => ({
      resourceType: resourceTypes[resource],
      resourceName: name,
      patternType: patternTypes[pattern],
      principal: principalOf(user),
      host: "*",
      operation: operations[operation],
      permissionType: permissions.allow,
    }));

/** Pure. Reading and writing include to describe. */
export const wantedAcls = (spec: KafkaSpec): readonly Acl[] => [
  ...applicationAcls(spec),
  ...Object.keys(spec.accounts).flatMap((name) => accountAcls(spec, name)),
];

/**
 * The application's: what it names with one of its prefixes is its own, also to create where topics may be created
 * by writing to them; declared topics it reads, and writes those that no account writes.
 */
function applicationAcls(spec: KafkaSpec): readonly Acl[] {
  const { applicationPrefixes: prefixes } = spec;
  const app = allow(appUser);
  const create = spec.autoCreateTopics ? (["create"] as const) : [];
  const declared = Object.keys(spec.topics).filter((name) => !prefixes.some((p) => name.startsWith(p)));
  const taken = new Set(Object.values(spec.accounts).flatMap(({ writes }) => writes));
  return [
    ...prefixes.flatMap((prefix) => [
      ...app("topic", "prefixed", prefix, "read", "write", "describe-configs", ...create),
      ...app("group", "prefixed", prefix, "read"),
      ...app("transactional-id", "prefixed", prefix, "write", "describe"),
    ]),
    ...declared.flatMap((name) =>
      taken.has(name)
        ? app("topic", "literal", name, "read", "describe-configs")
        : app("topic", "literal", name, "read", "write", "describe-configs"),
    ),
  ];
}

/** An account's: its topics by their whole names, groups and transactions below its own name, nothing to create. */
function accountAcls(spec: KafkaSpec, name: string): readonly Acl[] {
  const { writes = [], reads = [] } = spec.accounts[name] ?? {};
  const may = allow(name);
  return [
    ...writes.flatMap((topic) => may("topic", "literal", topic, "write")),
    ...reads.flatMap((topic) => may("topic", "literal", topic, "read")),
    ...(reads.length > 0 ? may("group", "prefixed", `${name}.`, "read") : []),
    ...(writes.length > 0 ? may("transactional-id", "prefixed", `${name}.`, "write", "describe") : []),
  ];
}

export const keyOf = (acl: Acl): string =>
  [
    acl.resourceType,
    acl.patternType,
    acl.principal,
    acl.host,
    acl.operation,
    acl.permissionType,
    acl.resourceName,
  ].join(" ");

const nameIn = (numbers: Readonly<Record<string, number>>, number: number): string =>
  Object.entries(numbers).find(([, one]) => one === number)?.[0] ?? `${number}`;

/** In words, as in `app allow read topic mall.*`. */
export const describeAcl = (acl: Acl): string =>
  [
    acl.principal.slice(principalOf("").length),
    nameIn(permissions, acl.permissionType),
    nameIn(operations, acl.operation),
    nameIn(resourceTypes, acl.resourceType),
    `${acl.resourceName}${acl.patternType === patternTypes.prefixed ? "*" : ""}`,
  ].join(" ");
