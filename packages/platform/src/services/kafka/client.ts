/** Connections to single brokers: as the agent by its certificate, from the host as the operator by password. */

import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { withLimit } from "../../time-limit.ts";
import { patiently } from "../patience.ts";
import type { Address, Ctx } from "../service.ts";
import { kafkaError } from "./errors.ts";
import { operatorUser, ports, secretId, workloadName } from "./names.ts";
import { type BrokerConnection, openBroker } from "./protocol/connection.ts";

export const instancesOf = (ctx: Pick<Ctx, "own">): readonly InstanceName[] =>
  ctx.own.workloads.filter((w) => w.name === workloadName).flatMap((w) => w.instances.map((i) => i.name));

interface Way {
  readonly address: Address;
  readonly login?: { readonly user: string; readonly password: string };
}

/** The brokers' own port is reached in the mall alone; outside there is the published one. */
async function wayTo(ctx: Ctx, instance: InstanceName): Promise<Way> {
  try {
    return { address: ctx.net.address(instance, ports.peers.name) };
  } catch {
    const address = ctx.net.address(instance, ports.external.name);
    return {
      address,
      login: { user: operatorUser, password: await ctx.secrets.value(secretId(operatorUser)) },
    };
  }
}

/** Where clients log in by password. */
export function wayIn(ctx: Pick<Ctx, "net">, instance: InstanceName): Address {
  try {
    return ctx.net.address(instance, ports.clients.name);
  } catch {
    return ctx.net.address(instance, ports.external.name);
  }
}

/** Longer than the pause of the agent's loop. */
const keptMs = 5_000;
/** By then a certificate changed by hand is noticed. */
const longestLifeMs = 60_000;

interface Kept {
  readonly connection: BrokerConnection;
  readonly openedAt: number;
  timer?: NodeJS.Timeout;
}
const kept = new Map<string, Kept>();

function takeKept(key: string, fingerprint: string | undefined): Kept | undefined {
  const found = kept.get(key);
  if (found === undefined) return undefined;
  kept.delete(key);
  clearTimeout(found.timer);
  const isStale = fingerprint !== undefined && found.connection.fingerprint !== fingerprint;
  if (!isStale && found.connection.isOpen() && Date.now() - found.openedAt < longestLifeMs) {
    found.connection.hold(true);
    return found;
  }
  found.connection.close();
  return undefined;
}

/** One a broker; it keeps no process alive. */
function keep(key: string, one: Kept): void {
  if (kept.has(key) || !one.connection.isOpen()) {
    one.connection.close();
    return;
  }
  one.timer = setTimeout(() => {
    kept.delete(key);
    one.connection.close();
  }, keptMs);
  one.timer.unref();
  one.connection.hold(false);
  kept.set(key, one);
}

interface Options {
  readonly timeoutMs?: number;
  /** A kept connection that was served another certificate is not used: the broker may serve a new one by now. */
  readonly fingerprint?: string | undefined;
}

/**
 * Runs `work` on a connection to the broker, all within `timeoutMs`. Connections are kept for some seconds: a handshake
 * costs a broker more than what it is asked then.
 * @throws KAFKA_UNREACHABLE, and what `work` throws
 */
export async function withBroker<T>(
  ctx: Ctx,
  instance: InstanceName,
  work: (connection: BrokerConnection) => Promise<T>,
  options: Options = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? patiently(ctx, 5_000);
  const { address, login } = await wayTo(ctx, instance);
  const key = `${instance} ${address.host}:${address.port} ${login?.user ?? ""}`;
  const before = takeKept(key, options.fingerprint);
  if (before !== undefined) {
    try {
      const result = await within(ctx.signal, timeoutMs, before.connection, work);
      keep(key, before);
      return result;
    } catch (error) {
      const wasCut = !before.connection.isOpen();
      before.connection.close();
      // Cut off since it was put by: a new one asks again. A broker's own refusal stands.
      if (!wasCut || ctx.signal.aborted) throw error;
    }
  }
  let connection: BrokerConnection;
  try {
    const identity = await ctx.secrets.identity();
    connection = await openBroker(address, {
      identity,
      signal: ctx.signal,
      timeoutMs,
      ...(login === undefined ? {} : { login }),
    });
  } catch (error) {
    throw kafkaError.KAFKA_UNREACHABLE({ instance, cause: messageOf(error) }, error);
  }
  try {
    const result = await within(ctx.signal, timeoutMs, connection, work);
    keep(key, { connection, openedAt: Date.now() });
    return result;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A connection whose time is over is closed, which ends whatever waits for its answers. */
const within = <T>(
  signal: AbortSignal,
  timeoutMs: number,
  connection: BrokerConnection,
  work: (connection: BrokerConnection) => Promise<T>,
): Promise<T> =>
  withLimit(signal, timeoutMs, async (limit) => {
    limit.addEventListener("abort", () => connection.close(), { once: true });
    if (limit.aborted) connection.close();
    try {
      return await work(connection);
    } catch (error) {
      throw limit.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error;
    }
  });
