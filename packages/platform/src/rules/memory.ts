/** Whether what a mall may take fits the machine. */
import { formatBytes } from "../spec/quantity.ts";
import { text } from "../text.ts";
import type { Finding } from "./finding.ts";

export interface HostMemory {
  /** What this machine, or the container we run in, has. */
  readonly memoryBytes: number;
  /** Sum of the limits of all containers that the plan runs here. */
  readonly plannedBytes: number;
}

/**
 * Left to the kernel, the engine and whoever logs in: without it the machine swaps or kills before a container meets
 * its own limit. The engine alone takes 0.2 GiB (measured: dockerd and containerd with 20 containers).
 */
const reserveBytes = 2 ** 30;

const rounded = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)}Gi`;

/**
 * A limit is no reservation: servers below theirs leave room. So a mall larger than the machine can be accepted, and
 * then the kernel decides which server dies when all are busy.
 */
export function memoryRules(host: HostMemory): readonly Finding[] {
  const { memoryBytes, plannedBytes } = host;
  const about = {
    path: "services",
    acceptable: true,
    source: "https://docs.kernel.org/admin-guide/cgroup-v1/memory.html",
  } as const;
  if (plannedBytes > memoryBytes)
    return [
      {
        ...about,
        id: "MEM-FIT",
        severity: "error",
        reason: text(
          `the limits of all containers add up to ${rounded(plannedBytes)}, and this machine has ${rounded(memoryBytes)}: under load the kernel kills a server`,
          `所有容器的内存上限合计 ${rounded(plannedBytes)}，而本机只有 ${rounded(memoryBytes)}：高负载时内核会杀死服务器`,
        ),
        fix: text(
          "use profile: small, lower the memory of services, leave some out, or take a larger machine",
          "请使用 profile: small、调低各服务的 memory、停用部分服务，或换用更大的机器",
        ),
      },
    ];
  if (plannedBytes > memoryBytes - reserveBytes)
    return [
      {
        ...about,
        id: "MEM-TIGHT",
        severity: "warning",
        reason: text(
          `the limits of all containers add up to ${rounded(plannedBytes)} of ${rounded(memoryBytes)}: less than ${formatBytes(reserveBytes)} is left for the system and the engine`,
          `所有容器的内存上限合计 ${rounded(plannedBytes)}，本机共 ${rounded(memoryBytes)}：留给系统和引擎的不足 ${formatBytes(reserveBytes)}`,
        ),
        fix: text("lower the memory of services, or leave some out", "请调低各服务的 memory，或停用部分服务"),
      },
    ];
  return [];
}
