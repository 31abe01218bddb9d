/** Introduces nodes to each other. */
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import type { Meet, Meeting } from "./actions.ts";
import { withNode } from "./client.ts";
import { redisError } from "./errors.ts";
import { ports } from "./names.ts";
import { proven, readTable } from "./prove.ts";
import type { TableEntry } from "./topology.ts";

/** Links come up within some 100 ms; a node that is starting or loaded needs longer. */
const meetMs = 5_000;

/**
 * Each pair's two identities and the address are read again first: an address that has passed to a stranger must
 * not be met. Pairs that meanwhile know each other are left out.
 * @throws REDIS_GROUNDS_GONE, REDIS_NOT_PROVEN, REDIS_UNREACHABLE
 */
export async function meet(ctx: Ctx, action: Meet): Promise<void> {
  const names = [...new Set(action.pairs.flatMap((p) => [p.from, p.to]))];
  const tables = await readTables(ctx, names);
  for (const pair of action.pairs) {
    const addresses = await ctx.net.resolve(pair.to).catch(() => [pair.host]);
    const same =
      idOf(tables, pair.from) === pair.fromId &&
      idOf(tables, pair.to) === pair.toId &&
      addresses.includes(pair.host);
    if (!same) throw redisError.REDIS_GROUNDS_GONE({ action: action.kind, target: pair.to });
  }
  const open = action.pairs.filter((pair) => !isMet(tables, pair));
  await Promise.all(
    names.map((from) =>
      withNode(ctx, from, async (node) => {
        for (const pair of open.filter((p) => p.from === from)) {
          await node.send("CLUSTER", "MEET", pair.host, `${ports.redis.number}`);
        }
      }),
    ),
  );
  await proven(ctx, action, meetMs, async () => {
    const now = await readTables(ctx, names);
    const left = action.pairs.filter((pair) => !isMet(now, pair));
    return left.length === 0 ? undefined : left.map((p) => `${p.from} without ${p.to}`).join(", ");
  });
}

type Tables = ReadonlyMap<InstanceName, readonly TableEntry[]>;

async function readTables(ctx: Ctx, names: readonly InstanceName[]): Promise<Tables> {
  return new Map(await Promise.all(names.map(async (name) => [name, await readTable(ctx, name)] as const)));
}

const idOf = (tables: Tables, instance: InstanceName): string | undefined =>
  tables.get(instance)?.find((e) => e.self)?.id;

/** Both know each other by name, and the one that was told has the address. */
function isMet(tables: Tables, pair: Meeting): boolean {
  const known = (at: InstanceName, id: string) =>
    tables.get(at)?.find((e) => e.id === id && !e.handshake && !e.noAddress && e.linked);
  return known(pair.from, pair.toId)?.host === pair.host && known(pair.to, pair.fromId) !== undefined;
}
