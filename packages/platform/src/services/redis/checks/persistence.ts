/** RE-3: both kinds of persistence are on, and work. */
import { text } from "../../../text.ts";
import { asPairs, withNode } from "../client.ts";
import { instancesOf } from "../observe.ts";
import { eachNode, failed, onAllNodes, passed, type RedisCheck } from "./evidence.ts";

/** `save 900 1`, and what a save of a large node on a slow disk may take. */
const latestRdbSeconds = 900 + 300;

export const persistence: RedisCheck = {
  id: "redis.persistence",
  requirements: ["RE-3"],
  title: text(
    "RDB every 15 minutes and AOF every second, and the last of each went well",
    "RDB 每 15 分钟、AOF 每秒，且最近一次均成功",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const names = ["save", "appendonly", "appendfsync"] as const;
    const settings = new Map(
      await Promise.all(
        instancesOf(ctx).map(async (instance) => {
          const values = await withNode(ctx, instance, async (node) => {
            const read: Record<string, string> = {};
            for (const name of names) {
              read[name] = asPairs(await node.send("CONFIG", "GET", name)).get(name) ?? "";
            }
            return read;
          }).catch(() => ({}) as Record<string, string>);
          return [instance, values] as const;
        }),
      ),
    );
    const { right, evidence, up } = await eachNode(ctx, (node, state) => {
      const set = settings.get(node.instance) ?? {};
      const p = node.persistence;
      const age = Math.round(state.at / 1_000 - p.lastRdbAt);
      const overdue = p.changesSinceRdb > 0 && age > latestRdbSeconds && !p.saving;
      return {
        right:
          set.save === "900 1" &&
          set.appendonly === "yes" &&
          set.appendfsync === "everysec" &&
          p.aofEnabled &&
          p.lastRdbOk &&
          p.lastAofRewriteOk &&
          p.lastAofWriteOk &&
          !overdue,
        read: [
          ...names.map((name) => `${name} ${set[name] ?? "?"}`),
          `aof_enabled:${p.aofEnabled ? 1 : 0}`,
          `rdb_last_bgsave_status:${p.lastRdbOk ? "ok" : "err"}`,
          `aof_last_write_status:${p.lastAofWriteOk ? "ok" : "err"}`,
          `aof_last_bgrewrite_status:${p.lastAofRewriteOk ? "ok" : "err"}`,
          `last RDB ${age} s ago with ${p.changesSinceRdb} changes since`,
        ].join("; "),
      };
    });
    return right
      ? passed(onAllNodes(up.length), evidence)
      : failed(text("not on, or the last one failed, or overdue", "未开启、最近一次失败或已逾期"), evidence);
  },
};
