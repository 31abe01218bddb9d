/** RE-6, RE-7 and RE-8: what a node has of its machine and its container, read from inside. */
import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { formatBytes } from "../../../spec/units.ts";
import { text } from "../../../text.ts";
import { runInside } from "../../inside.ts";
import type { Ctx, Evidence } from "../../service.ts";
import { asPairs } from "../client.ts";
import { instancesOf } from "../observe.ts";
import { sizesOf } from "../sizing.ts";
import type { RedisSpec } from "../spec.ts";
import { deviates, failed, onAllNodes, passed, type RedisCheck } from "./evidence.ts";

/** What there is of the files, one after the other. */
const readInside = (ctx: Ctx, instance: InstanceName, ...paths: readonly string[]): Promise<string> =>
  runInside(ctx, instance, ["cat", ...paths], { partial: true });

/**
 * The running server's settings that limit it. Asked from inside as well: a connection from the host, beside commands in
 * two dozen containers, has been seen to take ten seconds on a busy machine.
 */
async function limitsOf(ctx: Ctx, instance: InstanceName): Promise<(name: string) => number> {
  const answer = await runInside(ctx, instance, ["mall-shell", "CONFIG", "GET", "max*"], {
    partial: true,
  });
  const pairs = asPairs(answer.trim().split("\n"));
  return (name) => Number(pairs.get(name) ?? Number.NaN);
}

interface Found {
  readonly right: boolean;
  /** Holds, but with less than planned. */
  readonly less?: boolean;
  readonly evidence: Evidence;
}

const onEach = (
  ctx: Ctx<RedisSpec>,
  look: (
    instance: InstanceName,
  ) => Promise<{ readonly right: boolean; readonly less?: boolean; readonly read: string }>,
): Promise<readonly Found[]> =>
  Promise.all(
    instancesOf(ctx).map(async (from) => {
      try {
        const { read, ...found } = await look(from);
        return { ...found, evidence: { from, read } };
      } catch (error) {
        return { right: false, evidence: { from, read: messageOf(error) } };
      }
    }),
  );

const hostSetting = "/sys/kernel/mm/transparent_hugepage/enabled";

export const hugePages: RedisCheck = {
  id: "redis.transparent-huge-pages",
  requirements: ["RE-6"],
  title: text(
    "Transparent huge pages do not apply: a fork would copy 2 MiB for each byte written",
    "透明大页不生效：否则 fork 后每写一个字节都会复制 2 MiB",
  ),
  kind: "read",
  needs: ["inside"],
  async run(ctx) {
    const found = await onEach(ctx, async (instance) => {
      const read = await readInside(ctx, instance, "/proc/1/status", hostSetting);
      const process = /^THP_enabled:\s*([0-9]+)/m.exec(read)?.[1];
      const host = /\[([a-z]+)\]/.exec(read)?.[1];
      return {
        // `madvise`: only for memory that a program asks it for; Redis and its allocator do not ask. A kernel without
        // the setting has no huge pages to give.
        right: /^VmRSS:/m.test(read) && (process === "0" || host !== "always"),
        read: `THP_enabled: ${process ?? "unknown"}; ${hostSetting}: ${host ?? "absent"}`,
      };
    });
    const evidence = found.map((f) => f.evidence);
    return found.every((f) => f.right)
      ? passed(onAllNodes(found.length), evidence)
      : failed(
          text(
            `On the host, as root: echo madvise > ${hostSetting}, and in its boot parameters transparent_hugepage=madvise`,
            `请在主机上以 root 执行：echo madvise > ${hostSetting}，并在启动参数中加入 transparent_hugepage=madvise`,
          ),
          evidence,
        );
  },
};

/** Descriptors that Redis keeps for itself (CONFIG_MIN_RESERVED_FDS). */
const reservedFiles = 32;

export const connections: RedisCheck = {
  id: "redis.max-clients",
  requirements: ["RE-7"],
  title: text(
    "maxclients is set and fits the files that the container really has",
    "已设置 maxclients，且不超过容器实际的文件数限制",
  ),
  kind: "read",
  needs: ["inside"],
  async run(ctx) {
    const planned = sizesOf(ctx.spec).maxClients;
    const found = await onEach(ctx, async (instance) => {
      const [limits, setting] = await Promise.all([
        readInside(ctx, instance, "/proc/1/limits"),
        limitsOf(ctx, instance),
      ]);
      const maxClients = setting("maxclients");
      const files = Number(/^Max open files\s+([0-9]+)/m.exec(limits)?.[1] ?? Number.NaN);
      return {
        right: maxClients > 0 && maxClients <= planned && maxClients + reservedFiles <= files,
        less: maxClients < planned,
        read: `maxclients ${maxClients} of ${planned} planned; Max open files ${files}`,
      };
    });
    const evidence = found.map((f) => f.evidence);
    if (!found.every((f) => f.right))
      return failed(text("not set, or more than there are files", "未设置，或超过文件数限制"), evidence);
    return found.some((f) => f.less === true)
      ? deviates(
          text(
            "less than planned: this host gives its containers too few files",
            "少于规划值：该主机给容器的文件数不足",
          ),
          evidence,
        )
      : passed(
          text(`${planned} on all ${found.length} nodes`, `${found.length} 个节点均为 ${planned}`),
          evidence,
        );
  },
};

/** cgroup v2, then v1. */
const limitFiles = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/** Infinity where there is none: v2 says `max`, v1 a figure near 2^63. */
async function memoryLimit(ctx: Ctx, instance: InstanceName): Promise<number> {
  const value = (await readInside(ctx, instance, ...limitFiles)).trim();
  const bytes = Number(value);
  return value === "max" || bytes > 2 ** 60 ? Number.POSITIVE_INFINITY : bytes;
}

export const memory: RedisCheck = {
  id: "redis.max-memory",
  requirements: ["RE-8"],
  title: text(
    "maxmemory leaves room for a fork and an AOF rewrite under the container's limit",
    "maxmemory 在容器内存限制下为 fork 与 AOF 重写留有余量",
  ),
  kind: "read",
  needs: ["inside"],
  async run(ctx) {
    const found = await onEach(ctx, async (instance) => {
      const [limit, setting] = await Promise.all([memoryLimit(ctx, instance), limitsOf(ctx, instance)]);
      const maxMemory = setting("maxmemory");
      const { worstCaseBytes } = sizesOf({ ...ctx.spec, maxMemory, maxClients: setting("maxclients") });
      return {
        right: maxMemory > 0 && Number.isFinite(limit) && worstCaseBytes <= limit,
        read: `maxmemory ${formatBytes(maxMemory)}; limit ${Number.isFinite(limit) ? formatBytes(limit) : "none"}; at the worst moment ${formatBytes(worstCaseBytes)}`,
      };
    });
    const evidence = found.map((f) => f.evidence);
    return found.every((f) => f.right)
      ? passed(onAllNodes(found.length), evidence)
      : failed(
          text(
            "no limit, or saving while all data changes would exceed it",
            "没有限制，或持久化期间数据全部变化时会超出限制",
          ),
          evidence,
        );
  },
};
