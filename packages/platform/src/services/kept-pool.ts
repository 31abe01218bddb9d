/** Connections to HTTPS servers, kept for the next question: a handshake costs both ends more than most questions. */
import { buildConnector, Pool } from "undici";
import { digestOf, type Shown, secureContextOf } from "./secure-context.ts";
import type { Address } from "./service.ts";

const pools = new Map<string, { readonly pool: Pool; usedAt: number }>();
const unusedMs = 30_000;
/** Longer than the pause of the agent's loop; a server may say less of itself, and not more. */
const idleMs = 5_000;
/** Each request has a limit of its own, the shorter one. */
const connectMs = 15_000;

/**
 * Connections whose server was verified against the address' `serverName`; a changed address, CA or certificate gets
 * others. Idle ones keep no process alive.
 * @param atOnce requests on one server; the others wait. As many as there are when it is left out
 */
export function keptPool(address: Address, shown: Shown, atOnce?: number): Pool {
  const origin = `https://${hostOf(address)}`;
  const key = `${origin} ${address.serverName} ${atOnce} ${digestOf(shown)}`;
  const now = Date.now();
  for (const [other, { pool, usedAt }] of pools) {
    if (other === key || now - usedAt < unusedMs) continue;
    pools.delete(other);
    pool.close().catch(() => {});
  }
  const found = pools.get(key);
  if (found !== undefined) {
    found.usedAt = now;
    return found.pool;
  }
  const pool = new Pool(origin, {
    connections: atOnce ?? null,
    pipelining: 1,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    connect: connector(address, shown, connectMs),
  });
  pools.set(key, { pool, usedAt: now });
  return pool;
}

/** Whom TLS is to show is not the question's `host`, which undici takes before the connector's own. */
export function connector(
  { serverName }: Address,
  shown: Shown,
  timeoutMs: number,
): buildConnector.connector {
  const connect = buildConnector({ secureContext: secureContextOf(shown), timeout: timeoutMs });
  return (options, callback) => connect({ ...options, servername: serverName }, callback);
}

export const hostOf = ({ host, port }: Address): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;
