/** What each node should have, from the plan and the secrets: read once for all nodes of an observation. */
import { createHash } from "node:crypto";
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import { liveSettings } from "./config.ts";
import { configFile, secretId } from "./names.ts";
import type { RedisSpec } from "./spec.ts";
import { type RedisUser, rulesOf, usersOf } from "./users.ts";

export interface Expected {
  /** SHA-256 of a user's accepted passwords, by user: the present one and, during a rotation, the one before. */
  readonly hashes: ReadonlyMap<string, readonly string[]>;
  readonly replicationHash: string;
}

export const sha256 = (value: string): string => createHash("sha256").update(value).digest("hex");

export async function expectedOf(ctx: Pick<Ctx<RedisSpec>, "secrets" | "spec">): Promise<Expected> {
  const hashes = new Map<string, readonly string[]>();
  for (const user of usersOf(ctx.spec)) {
    const id = secretId(user.password);
    const previous = await ctx.secrets.previous(id);
    hashes.set(
      user.name,
      [await ctx.secrets.value(id), ...(previous === undefined ? [] : [previous])].map(sha256),
    );
  }
  return { hashes, replicationHash: sha256(await ctx.secrets.value(secretId("replication"))) };
}

/** The plan's live settings of an instance, as CONFIG GET should answer. */
export function plannedSettings(ctx: Pick<Ctx, "own">, instance: InstanceName): ReadonlyMap<string, string> {
  const files = ctx.own.workloads
    .flatMap((w) => w.instances)
    .filter((i) => i.name === instance)
    .flatMap((i) => i.files);
  const file = files.find((f) => f.path === configFile);
  return file?.format === "directives" ? liveSettings(file.settings) : new Map();
}

/**
 * Command rules as a version of the server writes them back, learnt when the agent set them: versions differ in how
 * they put the same rules into words, and the difference in words alone is no difference.
 */
const written = new Map<string, string[]>();

const key = (version: string, user: RedisUser): string => `${version} ${user.name} ${rulesOf(user)}`;

export const acceptedRules = (version: string, user: RedisUser): readonly string[] =>
  written.get(key(version, user)) ?? [];

export function learnRules(version: string, user: RedisUser, commands: readonly string[]): void {
  const known = written.get(key(version, user)) ?? [];
  written.set(key(version, user), [...known, [...commands].sort().join(" ")]);
}
