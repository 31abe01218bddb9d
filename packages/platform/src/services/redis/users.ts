/**
 * The cluster's ACL users and what each may do. Rules stand here and in the instance's `users` file, passwords only
 * in the secrets folder: the entrypoint puts both together at the start, the agent keeps them so.
 */
import { agentUser, appUser, exporterUser, replicaUser } from "./names.ts";
import type { RedisSpec } from "./spec.ts";

export interface RedisUser {
  readonly name: string;
  /** Name of its secret. */
  readonly password: string;
  /** Key patterns; empty for none. */
  readonly keys: readonly string[];
  /** Command rules in the order they are applied. */
  readonly commands: readonly string[];
}

/** What cluster clients need of the administrative commands. */
const clusterClient = [
  "+cluster|slots",
  "+cluster|nodes",
  "+cluster|info",
  "+cluster|keyslot",
  "+cluster|countkeysinslot",
  "+client|setname",
  "+client|getname",
  "+client|setinfo",
  "+client|id",
  "+client|reply",
  "+acl|whoami",
];

/**
 * An application's. Nothing that administers, and of the category @dangerous only INFO and SORT: what reads or deletes
 * across all of a node is named one by one, which is how the server itself writes the rules back.
 */
const applicationCommands = [
  "+@all",
  "-@admin",
  "-keys",
  "-flushall",
  "-flushdb",
  "-role",
  "-swapdb",
  "-migrate",
  "-restore",
  "-restore-asking",
  ...clusterClient,
];

/**
 * What an account may not do beside: see or use what is not below its prefixes. SORT follows patterns to any key, SCAN
 * and RANDOMKEY name them, and a channel belongs to nobody.
 */
const notForAccounts = ["-@pubsub", "-sort", "-scan", "-randomkey"];

const ownUsers: readonly RedisUser[] = [
  { name: appUser, password: appUser, keys: ["~*"], commands: applicationCommands },
  {
    // What a replica needs of its master (redis.io/docs, "ACL rules for Sentinel and Replicas").
    name: replicaUser,
    password: "replication",
    keys: [],
    commands: ["-@all", "+psync", "+replconf", "+ping"],
  },
  { name: agentUser, password: "agent", keys: ["~*"], commands: ["+@all"] },
  {
    // Figures only: no key, and no CONFIG GET, which would show masterauth.
    name: exporterUser,
    password: exporterUser,
    keys: [],
    commands: [
      "-@all",
      "+ping",
      "+auth",
      "+hello",
      "+info",
      "+dbsize",
      "+client|setname",
      "+cluster|info",
      "+cluster|slots",
      "+cluster|nodes",
      "+slowlog|len",
      "+latency|latest",
    ],
  },
];

/** Pure. The users of a spec: ours, then its accounts. */
export const usersOf = (spec: Pick<RedisSpec, "accounts">): readonly RedisUser[] => [
  ...ownUsers,
  ...Object.entries(spec.accounts).map(([name, { prefixes }]) => ({
    name,
    password: name,
    keys: prefixes.map((prefix) => `~${prefix}*`),
    commands: [...applicationCommands, ...notForAccounts],
  })),
];

/** A user's rules as words of ACL SETUSER and of a `user` line, without state and passwords. */
export const rulesOf = (user: RedisUser): string => [...user.keys, ...user.commands].join(" ");

/** A line of ACL LIST. */
export interface ListedUser {
  readonly name: string;
  readonly on: boolean;
  readonly noPassword: boolean;
  /** SHA-256, hex. */
  readonly hashes: readonly string[];
  readonly keys: readonly string[];
  readonly commands: readonly string[];
}

/** @returns undefined when the line is no user's. */
export function parseListedUser(line: string): ListedUser | undefined {
  const [word, name, ...rules] = line.trim().split(/\s+/);
  if (word !== "user" || name === undefined) return undefined;
  return {
    name,
    on: rules.includes("on"),
    noPassword: rules.includes("nopass"),
    hashes: rules.filter((r) => r.startsWith("#")).map((r) => r.slice(1)),
    keys: rules.flatMap((r) => (r === "allkeys" ? ["~*"] : r.startsWith("~") ? [r] : [])),
    commands: rules.flatMap((r) =>
      r === "allcommands" ? ["+@all"] : r === "nocommands" ? ["-@all"] : /^[+-]/.test(r) ? [r] : [],
    ),
  };
}

/** How a listed user differs from the wanted one, in words without a secret; undefined when it does not. */
export function userDifference(
  wanted: RedisUser,
  hashes: readonly string[],
  listed: ListedUser | undefined,
  accepted: readonly string[] = [],
): string | undefined {
  if (listed === undefined) return "absent";
  if (!listed.on) return "switched off";
  if (listed.noPassword) return "needs no password";
  if (!sameSet(listed.hashes, hashes)) return "has other passwords";
  if (!sameSet(listed.keys, wanted.keys)) return "has other keys";
  const commands = [...listed.commands].sort().join(" ");
  if (!sameSet(listed.commands, wanted.commands) && !accepted.includes(commands)) return "has other commands";
  return undefined;
}

/** The order of rules is the server's own when it writes them back, so they are compared as a set. */
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  [...new Set(a)].sort().join("\n") === [...new Set(b)].sort().join("\n");
