/** A short-lived, verified connection to one node, as the agent's user. */
import { checkServerIdentity } from "node:tls";
import { createClient } from "@redis/client";
import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import { redisError } from "./errors.ts";
import { agentUser, ports, secretId } from "./names.ts";

export type Reply = string | number | null | readonly Reply[];

export interface Connection {
  readonly instance: InstanceName;
  /** SHA-256 (hex, lower case) of the certificate that the node served. */
  readonly fingerprint: string;
  /** @throws the server's error, or that the time is over. */
  send(...words: readonly string[]): Promise<Reply>;
}

export interface Login {
  readonly user: string;
  readonly passwords: readonly string[];
}

/** The agent's user with its present password, and the one before while a rotation goes on. */
export async function agentLogin(ctx: Pick<Ctx, "secrets">): Promise<Login> {
  const id = secretId(agentUser);
  const previous = await ctx.secrets.previous(id);
  return {
    user: agentUser,
    passwords: [await ctx.secrets.value(id), ...(previous === undefined ? [] : [previous])],
  };
}

/**
 * Connects, runs `work` and closes, all within `timeoutMs`.
 * @throws REDIS_UNREACHABLE, REDIS_LOGIN_REFUSED, and what `work` throws.
 */
export async function withNode<T>(
  ctx: Ctx,
  instance: InstanceName,
  work: (connection: Connection) => Promise<T>,
  options: { readonly timeoutMs?: number; readonly login?: Login } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 3_000;
  const { user, passwords } = options.login ?? (await agentLogin(ctx));
  const identity = await ctx.secrets.identity();
  const limit = AbortSignal.any([ctx.signal, AbortSignal.timeout(timeoutMs)]);
  for (const password of passwords) {
    const node = open(ctx, instance, { user, password, identity, timeoutMs });
    try {
      return await untilAborted(limit, node.run(work), instance, timeoutMs);
    } catch (error) {
      if (!isRefusedLogin(error)) throw error;
    } finally {
      node.close();
    }
  }
  throw redisError.REDIS_LOGIN_REFUSED({ instance });
}

const isRefusedLogin = (error: unknown): boolean => /\bWRONGPASS\b|invalid password/.test(messageOf(error));

interface Parameters {
  readonly user: string;
  readonly password: string;
  readonly identity: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly timeoutMs: number;
}

function open(ctx: Ctx, instance: InstanceName, { user, password, identity, timeoutMs }: Parameters) {
  const { host, port, serverName } = ctx.net.address(instance, ports.redis.name);
  let fingerprint = "";
  const client = createClient({
    username: user,
    password,
    RESP: 2,
    disableOfflineQueue: false,
    disableClientInfo: true,
    socket: {
      host,
      port,
      tls: true,
      servername: serverName,
      minVersion: "TLSv1.2",
      ...identity,
      connectTimeout: timeoutMs,
      reconnectStrategy: false,
      checkServerIdentity: (name, certificate) => {
        fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
        return checkServerIdentity(name, certificate);
      },
    },
  });
  // Each failure also rejects the call that met it; without a listener it would end the process.
  client.on("error", () => {});
  return {
    async run<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
      try {
        await client.connect();
      } catch (error) {
        if (isRefusedLogin(error)) throw error;
        throw redisError.REDIS_UNREACHABLE({ instance, cause: messageOf(error) }, error);
      }
      return work({ instance, fingerprint, send: (...words) => client.sendCommand<Reply>([...words]) });
    },
    close: () => client.destroy(),
  };
}

function untilAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
  instance: InstanceName,
  timeoutMs: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () =>
      reject(redisError.REDIS_UNREACHABLE({ instance, cause: `no answer within ${timeoutMs} ms` }));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** A reply that is text. @throws TypeError otherwise. */
export function asText(reply: Reply): string {
  if (typeof reply !== "string") throw new TypeError(`expected text, got ${JSON.stringify(reply)}`);
  return reply;
}

/** A reply that is a list of texts. @throws TypeError otherwise. */
export function asTexts(reply: Reply): readonly string[] {
  if (!Array.isArray(reply)) throw new TypeError(`expected a list, got ${JSON.stringify(reply)}`);
  return (reply as readonly Reply[]).map(asText);
}

/** Alternating names and values, as CONFIG GET answers. */
export function asPairs(reply: Reply): ReadonlyMap<string, string> {
  const texts = asTexts(reply);
  const pairs = new Map<string, string>();
  for (let i = 0; i + 1 < texts.length; i += 2) pairs.set(texts[i] ?? "", texts[i + 1] ?? "");
  return pairs;
}
