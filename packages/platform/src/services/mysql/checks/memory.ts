import { formatBytes } from "../../../spec/units.ts";
import { text } from "../../../text.ts";
import { execMs } from "../../inside.ts";
import type { Ctx } from "../../service.ts";
import { nodeNames } from "../names.ts";
import { baseBytes, perConnectionBytes, perThread, poolOverhead } from "../sizing.ts";
import type { MysqlSpec } from "../spec.ts";
import { failed, fromEach, type MysqlCheck, passed, variablesOf } from "./evidence.ts";

const buffers = Object.keys(perThread);

/** The limit that the kernel holds the container to, where we can look inside; else what the target was told to set. */
async function limitOf(ctx: Ctx<MysqlSpec>, instance: string): Promise<{ bytes: number; source: string }> {
  const planned = ctx.own.workloads[0]?.resources.memoryBytes ?? 0;
  const command =
    "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes";
  const asked = await ctx.inside?.exec(instance, ["sh", "-c", command], { timeoutMs: execMs });
  const bytes = Number(asked?.stdout.trim());
  return asked?.code === 0 && Number.isFinite(bytes)
    ? { bytes, source: "cgroup" }
    : { bytes: planned, source: "plan" };
}

/** MY-5: the pool within 50–70 % of the limit, and everything that may be allocated together within it. */
export const memory: MysqlCheck = {
  id: "mysql.memory",
  requirements: ["MY-5"],
  title: text("Buffer pool and connections fit the memory", "缓冲池与连接的内存不超过上限"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const found = await fromEach(ctx, nodeNames, async (session, name) => {
      const read = await variablesOf(session, [
        "innodb_buffer_pool_size",
        "max_connections",
        "temptable_max_ram",
        ...buffers,
      ]);
      const value = (variable: string): number => Number(read.get(variable) ?? Number.NaN);
      const limit = await limitOf(ctx, name);
      const share = value("innodb_buffer_pool_size") / limit.bytes;
      const threads = buffers.reduce((sum, buffer) => sum + value(buffer), 0);
      // What a session takes beside its buffers is not a variable; the rest is as the server has it.
      const session0 = perConnectionBytes - Object.values(perThread).reduce((a, b) => a + b, 0);
      const total =
        value("innodb_buffer_pool_size") * poolOverhead +
        baseBytes +
        value("temptable_max_ram") +
        value("max_connections") * (threads + session0);
      return {
        right: share >= 0.5 && share <= 0.7 && total <= limit.bytes,
        from: name,
        read: `limit=${formatBytes(limit.bytes)} (${limit.source}) pool=${formatBytes(value("innodb_buffer_pool_size"))} (${(share * 100).toFixed(1)} %) max_connections=${read.get("max_connections")} × ${formatBytes(threads + session0)} total=${formatBytes(Math.ceil(total))}`,
      };
    });
    const evidence = found.map(({ from, read }) => ({ from, read }));
    return found.every((one) => one.right)
      ? passed(
          text(
            "the pool is within 50 to 70 % of the limit, and all buffers together fit it",
            "缓冲池在上限的 50% 至 70% 之间，所有缓冲区总和不超过上限",
          ),
          evidence,
        )
      : failed(
          text(
            "the pool is outside of 50 to 70 %, or all buffers together do not fit the limit",
            "缓冲池不在 50% 至 70% 之间，或所有缓冲区总和超过上限",
          ),
          evidence,
        );
  },
};
