/** RE-4: the policy as set, and that a full node evicts instead of refusing or being killed. */
import { randomBytes } from "node:crypto";
import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import type { ContainerState, Ctx, Evidence } from "../../service.ts";
import { asPairs, asText, type Connection, withNode } from "../client.ts";
import { instancesOf, observeRedis } from "../observe.ts";
import type { RedisSpec } from "../spec.ts";
import type { NodeUp } from "../state.ts";
import { parseInfo } from "../topology.ts";
import { viewOf } from "../view.ts";
import { failed, onAllNodes, passed, type RedisCheck } from "./evidence.ts";

const plannedPolicy = "allkeys-lru";

export const policy: RedisCheck = {
  id: "redis.eviction-policy",
  requirements: ["RE-4"],
  title: text("The eviction policy is allkeys-lru", "淘汰策略为 allkeys-lru"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const found = await Promise.all(
      instancesOf(ctx).map(async (from) => {
        const read = await withNode(ctx, from, async (node) =>
          asPairs(await node.send("CONFIG", "GET", "maxmemory-policy")).get("maxmemory-policy"),
        ).catch(messageOf);
        return { from, read: read ?? "" };
      }),
    );
    if (found.every((f) => f.read === plannedPolicy)) return passed(onAllNodes(found.length), found);
    const { evictionPolicy } = ctx.spec;
    return evictionPolicy !== plannedPolicy && found.every((f) => f.read === evictionPolicy)
      ? {
          verdict: "accepted",
          detail: text(
            `${evictionPolicy}, by services.redis.evictionPolicy`,
            `${evictionPolicy}，由 services.redis.evictionPolicy 指定`,
          ),
          evidence: found,
        }
      : failed(text(`not ${plannedPolicy}`, `不是 ${plannedPolicy}`), found);
  },
};

const valueBytes = 4_096;
/** Commands under way at once: enough to keep a node busy, little enough to stop at once. */
const batch = 256;
/** How much is written, in parts of maxmemory: full, and half as much again. */
const fillRatio = 1.5;
const longestMs = 240_000;
/** Whatever ends the check half-way, its keys do not stay. */
const keyLifeMs = 600_000;

export const eviction: RedisCheck = {
  id: "redis.full-memory-evicts",
  requirements: ["RE-4", "RE-8"],
  title: text(
    "Full nodes that are being saved evict old keys, refuse no write and are not killed",
    "写满并正在持久化的节点会淘汰旧键，不拒绝写入，也不会被杀死",
  ),
  kind: "disruptive",
  needs: ["net", "engine"],
  async run(ctx) {
    const view = viewOf(await observeRedis(ctx));
    if (view.down.length > 0 || view.owners.length === 0)
      return failed(text("the cluster is not whole", "集群不完整"), [
        { from: "redis", read: view.down.map((d) => `${d.instance}: ${d.error}`).join("; ") },
      ]);
    const before = await containers(ctx);
    const filled = await Promise.all(view.owners.map((master) => fill(ctx, master)));
    const after = await containers(ctx);
    const killed = [...after].filter(([name, state]) => {
      const was = before.get(name);
      return state.oomKilled || state.restarts !== was?.restarts || state.startedAt !== was.startedAt;
    });
    const evidence: Evidence[] = [
      ...filled.map((f) => f.evidence),
      ...[...after].map(([from, s]) => ({
        from,
        read: `OOMKilled ${s.oomKilled}, ${s.restarts} restarts, up since ${s.startedAt}`,
      })),
    ];
    return filled.every((f) => f.right) && killed.length === 0
      ? passed(
          text(
            `${filled.length} masters filled, evicting, no write refused, no container killed`,
            `${filled.length} 个主节点写满并淘汰，无写入被拒绝，无容器被杀死`,
          ),
          evidence,
        )
      : failed(text("not evicting, refusing, or killed", "未淘汰、拒绝写入或被杀死"), evidence);
  },
};

async function containers(ctx: Ctx): Promise<ReadonlyMap<InstanceName, ContainerState>> {
  const { engine } = ctx;
  if (engine === undefined) throw new Error("the engine cannot be asked from here");
  return new Map(await Promise.all(instancesOf(ctx).map(async (i) => [i, await engine.state(i)] as const)));
}

/** The server may have begun the same by itself, because the file has grown: then what is wanted is under way. */
async function begin(node: Connection, ...command: readonly string[]): Promise<void> {
  await node.send(...command).catch((error: unknown) => {
    if (!/already in progress/.test(messageOf(error))) throw error;
  });
}

/** Fills one master over its limit while it saves and rewrites, and takes its own keys away again. */
function fill(
  ctx: Ctx<RedisSpec>,
  master: NodeUp,
): Promise<{ readonly right: boolean; readonly evidence: Evidence }> {
  const from = master.instance;
  return withNode(
    ctx,
    from,
    async (node) => {
      const before = await memoryOf(node);
      const tag = await tagOf(node, master);
      const count = Math.ceil((before.max * fillRatio) / valueBytes);
      const key = (i: number) => `mall-check:{${tag}}:${i}`;
      // Random, so that neither RDB's compression nor the allocator makes it less than it is.
      const pool = randomBytes(valueBytes * 4).toString("base64");
      let written = 0;
      try {
        for (; written < count; written += batch) {
          await Promise.all(
            Array.from({ length: batch }, (_, i) =>
              node.send("SET", key(written + i), pool.slice(i, i + valueBytes), "PX", `${keyLifeMs}`),
            ),
          );
          // Once full, a save and then a rewrite go on beside the writes.
          if (written === batch * Math.floor(count / batch / 2)) await begin(node, "BGSAVE", "SCHEDULE");
          if (written === batch * Math.floor((count / batch) * 0.8)) await begin(node, "BGREWRITEAOF");
        }
        const after = await memoryOf(node);
        const evicted = after.evicted - before.evicted;
        return {
          right: evicted > 0 && after.counted <= after.max * 1.02,
          evidence: {
            from,
            read: `${written} writes of ${valueBytes} bytes, none refused; evicted_keys +${evicted}; used ${mebibytes(after.counted)} of maxmemory ${mebibytes(after.max)}; process ${mebibytes(after.resident)}`,
          },
        };
      } catch (error) {
        return { right: false, evidence: { from, read: `after ${written} writes: ${messageOf(error)}` } };
      } finally {
        for (let i = 0; i < written + batch; i += batch) {
          await node.send("UNLINK", ...Array.from({ length: batch }, (_, j) => key(i + j))).catch(() => {});
        }
      }
    },
    { timeoutMs: longestMs },
  );
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** A hash tag whose slot is this master's. */
async function tagOf(node: Connection, master: NodeUp): Promise<string> {
  for (let i = 0; ; i++) {
    const slot = Number(await node.send("CLUSTER", "KEYSLOT", `${i}`));
    if (master.self.slots.some((r) => r.from <= slot && slot <= r.to)) return `${i}`;
  }
}

interface MemoryFigures {
  /** What maxmemory is held against: without the replicas' and the AOF's buffers. */
  readonly counted: number;
  readonly max: number;
  readonly resident: number;
  readonly evicted: number;
}

async function memoryOf(node: Connection): Promise<MemoryFigures> {
  const info = parseInfo(asText(await node.send("INFO")));
  const number = (name: string) => Number(info.get(name) ?? 0);
  return {
    counted: number("used_memory") - number("mem_not_counted_for_evict"),
    max: number("maxmemory"),
    resident: number("used_memory_rss"),
    evicted: number("evicted_keys"),
  };
}
