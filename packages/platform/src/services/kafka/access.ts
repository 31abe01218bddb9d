/** Who may do what: the application's user, and nobody else but those who may everything. */
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

const allow = (
  resource: keyof typeof resourceTypes,
  pattern: "literal" | "prefixed",
  name: string,
  ...what: readonly (keyof typeof operations)[]
): readonly Acl[] =>
  what.map((operation) => ({
    resourceType: resourceTypes[resource],
    resourceName: name,
    patternType: patternTypes[pattern],
    principal: principalOf(appUser),
    host: "*",
    operation: operations[operation],
    permissionType: permissions.allow,
  }));

/**
 * The application's: what it names with one of its prefixes is its own, also to create where topics may be created
 * by writing to them; declared topics it reads and writes. Reading and writing include to describe.
 */
export function wantedAcls(spec: KafkaSpec): readonly Acl[] {
  const { applicationPrefixes: prefixes } = spec;
  const create = spec.autoCreateTopics ? (["create"] as const) : [];
  const declared = Object.keys(spec.topics).filter((name) => !prefixes.some((p) => name.startsWith(p)));
  return [
    ...prefixes.flatMap((prefix) => [
      ...allow("topic", "prefixed", prefix, "read", "write", "describe-configs", ...create),
      ...allow("group", "prefixed", prefix, "read"),
      ...allow("transactional-id", "prefixed", prefix, "write", "describe"),
    ]),
    ...declared.flatMap((name) => allow("topic", "literal", name, "read", "write", "describe-configs")),
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

/** In words, as in `allow read topic mall.*`. */
export const describeAcl = (acl: Acl): string =>
  [
    nameIn(permissions, acl.permissionType),
    nameIn(operations, acl.operation),
    nameIn(resourceTypes, acl.resourceType),
    `${acl.resourceName}${acl.patternType === patternTypes.prefixed ? "*" : ""}`,
  ].join(" ");
