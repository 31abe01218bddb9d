/**
 * The accounts that log in by password, and what the brokers keep of them. A rotated password has two values for a
 * while: the present one is the user's credential, the one before that of `<user>.previous`. The brokers' log-in
 * (images/kafka/java, ScramServer) takes either, if both have the same salt; so the salt follows from the user.
 */

import { createHash } from "node:crypto";
import type { InstanceName } from "../../plan/model.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";
import { wayIn } from "./client.ts";
import { previousUser, secretId } from "./names.ts";
import { scramSha512 } from "./protocol/apis.ts";
import { openBroker } from "./protocol/connection.ts";
import { KafkaRefusal } from "./protocol/errors.ts";
import { leastIterations, saltedPassword } from "./protocol/scram.ts";
import { type KafkaSpec, usersOf } from "./spec.ts";

/** One salt a user and mall: it keeps one table of guesses from serving for two of them, and is no secret. */
export const saltOf = (mall: string, user: string): Buffer =>
  createHash("sha256").update(`${mall}\0${user}`).digest();

export interface Upsertion {
  readonly name: string;
  readonly mechanism: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly saltedPassword: Uint8Array;
}

/** What to send for a user: the one before first, so that at no moment a password that holds is refused. */
export async function credentialsOf(
  ctx: Pick<Ctx, "secrets" | "plan">,
  user: string,
): Promise<{ readonly upsertions: readonly Upsertion[]; readonly deletions: readonly string[] }> {
  const salt = saltOf(ctx.plan.mall, user);
  const credential = async (name: string, password: string): Promise<Upsertion> => ({
    name,
    mechanism: scramSha512,
    iterations: leastIterations,
    salt,
    saltedPassword: await saltedPassword(password, salt, leastIterations),
  });
  const previous = await ctx.secrets.previous(secretId(user));
  return {
    upsertions: [
      ...(previous === undefined ? [] : [await credential(previousUser(user), previous)]),
      await credential(user, await ctx.secrets.value(secretId(user))),
    ],
    deletions: previous === undefined ? [previousUser(user)] : [],
  };
}

/** A user as the brokers list it. */
export interface ListedUser {
  readonly name: string;
  readonly mechanisms: readonly number[];
}

/** How long a log-in that worked stands for those after it, ms. A password that was changed by hand is seen by then. */
const provenMs = 30_000;
const proven = new Map<string, number>();

/** @returns false when the broker refuses the password, undefined when it could not be asked. */
async function takes(
  ctx: Ctx,
  instance: InstanceName,
  user: string,
  password: string,
): Promise<boolean | undefined> {
  const digest = createHash("sha256").update(password).digest("base64");
  const key = [ctx.plan.mall, instance, user, digest].join(" ");
  if (Date.now() - (proven.get(key) ?? Number.NEGATIVE_INFINITY) < provenMs) return true;
  try {
    const { ca } = await ctx.secrets.identity();
    const connection = await openBroker(wayIn(ctx, instance), {
      identity: { ca },
      login: { user, password },
      signal: ctx.signal,
      timeoutMs: patiently(ctx, 3_000),
    });
    connection.close();
    if (proven.size > 256) proven.clear();
    proven.set(key, Date.now());
    return true;
  } catch (error) {
    return error instanceof KafkaRefusal ? false : undefined;
  }
}

/** Planned users that are not as planned, in words without a secret. */
export async function wrongUsers(
  ctx: Ctx<KafkaSpec>,
  instances: readonly InstanceName[],
  listed: readonly ListedUser[],
): Promise<readonly { readonly user: string; readonly difference: string }[]> {
  const named = new Map(listed.map((one) => [one.name, one]));
  const found = await Promise.all(
    usersOf(ctx.spec).map(async (user) => {
      const difference = await differenceOf(ctx, instances, named, user);
      return difference === undefined ? [] : [{ user, difference }];
    }),
  );
  return found.flat();
}

async function differenceOf(
  ctx: Ctx,
  instances: readonly InstanceName[],
  listed: ReadonlyMap<string, ListedUser>,
  user: string,
): Promise<string | undefined> {
  const has = (name: string): boolean => listed.get(name)?.mechanisms.includes(scramSha512) === true;
  if (!has(user)) return "is absent";
  const [value, previous] = await Promise.all([
    ctx.secrets.value(secretId(user)),
    ctx.secrets.previous(secretId(user)),
  ]);
  if (previous === undefined && listed.has(previousUser(user))) return "still has a former password";
  if (previous !== undefined && !has(previousUser(user))) return "has no former password";
  const tried = await Promise.all(
    instances.flatMap((instance) =>
      [value, ...(previous === undefined ? [] : [previous])].map(async (password) => ({
        instance,
        isTaken: await takes(ctx, instance, user, password),
      })),
    ),
  );
  const refusing = [...new Set(tried.filter((t) => t.isTaken === false).map((t) => t.instance))];
  return refusing.length === 0 ? undefined : `has another password on ${refusing.join(", ")}`;
}
