/** A short-lived, verified connection to one node, as the agent's user. */

import { checkServerIdentity } from "node:tls";
import { RedisClient } from "@redis/client";
import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { withLimit } from "../../time-limit.ts";
import { patiently } from "../patience.ts";
import type { Address, Ctx } from "../service.ts";
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

interface Options {
  readonly timeoutMs?: number;
  readonly login?: Login;
  /** A kept connection that was served another certificate is not used: the node may serve a new one by now. */
  readonly fingerprint?: string | undefined;
}

/**
 * Runs `work` on a connection to the node, all within `timeoutMs`. Connections are kept for a few seconds: the
 * agent's loop and an action's several looks would otherwise shake hands six times each.
 * @throws REDIS_UNREACHABLE, REDIS_LOGIN_REFUSED, and what `work` throws.
 */
export function withNode<T>(
  ctx: Ctx,
  instance: InstanceName,
  work: (connection: Connection) => Promise<T>,
  options: Options = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? patiently(ctx, 3_000);
  return withLimit(ctx.signal, timeoutMs, (limit) =>
    onNode(ctx, instance, work, { ...options, timeoutMs, limit }),
  );
}

interface Limited extends Options {
  readonly timeoutMs: number;
  readonly limit: AbortSignal;
}

async function onNode<T>(
  ctx: Ctx,
  instance: InstanceName,
  work: (connection: Connection) => Promise<T>,
  options: Limited,
): Promise<T> {
  const { timeoutMs, limit } = options;
  const address = ctx.net.address(instance, ports.redis.name);
  const login = options.login ?? (await agentLogin(ctx));
  const key = `${instance} ${address.host}:${address.port} ${login.user}`;
  const kept = takeKept(key, options.fingerprint);
  const within = <R>(promise: Promise<R>) => untilAborted(limit, promise, instance, timeoutMs);
  if (kept !== undefined) {
    const outcome = await within(kept.run(work)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if ("value" in outcome) {
      keep(key, kept);
      return outcome.value;
    }
    kept.close();
    // Cut off since: whatever it was asked got no answer, so a new connection asks again. A server's own error,
    // and one that took all the time, stands.
    if (!kept.isCut() || limit.aborted) throw outcome.error;
  }
  const identity = await ctx.secrets.identity();
  for (const password of login.passwords) {
    const node = open(address, instance, { user: login.user, password, identity, timeoutMs });
    try {
      const result = await within(node.connect().then(() => node.run(work)));
      keep(key, node);
      return result;
    } catch (error) {
      node.close();
      if (!isRefusedLogin(error)) throw error;
    }
  }
  throw redisError.REDIS_LOGIN_REFUSED({ instance });
}

const isRefusedLogin = (error: unknown): boolean => /\bWRONGPASS\b|invalid password/.test(messageOf(error));

type Node = ReturnType<typeof open>;

/** Longer than the pause of the agent's loop. */
const keptMs = 5_000;
/** By then a certificate changed by hand is noticed. */
const longestLifeMs = 60_000;
const kept = new Map<string, { readonly node: Node; readonly timer: NodeJS.Timeout }>();

function takeKept(key: string, fingerprint: string | undefined): Node | undefined {
  const found = kept.get(key);
  if (found === undefined) return undefined;
  kept.delete(key);
  clearTimeout(found.timer);
  const stale = fingerprint !== undefined && found.node.fingerprint() !== fingerprint;
  if (!stale && !found.node.isCut() && Date.now() - found.node.openedAt < longestLifeMs) {
    found.node.hold();
    return found.node;
  }
  found.node.close();
  return undefined;
}

/** One a node and user; it keeps no process alive. */
function keep(key: string, node: Node): void {
  if (kept.has(key)) {
    node.close();
    return;
  }
  const timer = setTimeout(() => {
    kept.delete(key);
    node.close();
  }, keptMs);
  timer.unref();
  node.release();
  kept.set(key, { node, timer });
}

interface Parameters {
  readonly user: string;
  readonly password: string;
  readonly identity: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly timeoutMs: number;
}

const protocol = { RESP: 2 } as const;
/** The library's `createClient` makes a class of all commands anew for each other address or password, in some 50 ms. */
const createClient = RedisClient.factory(protocol);

function open(address: Address, instance: InstanceName, parameters: Parameters) {
  const { user, password, identity, timeoutMs } = parameters;
  let fingerprint = "";
  let cut = false;
  const client = createClient({
    ...protocol,
    username: user,
    password,
    disableClientInfo: true,
    socket: {
      host: address.host,
      port: address.port,
      tls: true,
      servername: address.serverName,
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
  client.on("error", () => {
    cut = true;
  });
  return {
    openedAt: Date.now(),
    fingerprint: () => fingerprint,
    isCut: () => cut || !client.isReady,
    hold: () => client.ref(),
    release: () => client.unref(),
    close: () => client.destroy(),
    async connect(): Promise<void> {
      try {
        await client.connect();
      } catch (error) {
        if (isRefusedLogin(error)) throw error;
        throw redisError.REDIS_UNREACHABLE({ instance, cause: messageOf(error) }, error);
      }
    },
    run: <T>(work: (connection: Connection) => Promise<T>): Promise<T> =>
      work({ instance, fingerprint, send: (...words) => client.sendCommand<Reply>([...words]) }),
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
