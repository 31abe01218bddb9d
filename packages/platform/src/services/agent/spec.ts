/** What a user may say of the agent itself, `services.agent` of mall.yaml. */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import { bytes, cores } from "../../spec/units.ts";

export const agentSpec = z.strictObject({
  memory: described(
    bytes().prefault("256Mi"),
    "Hard memory limit of the agent's container",
    "agent 容器的内存硬上限",
  ),
  cpus: described(cores().default(1), "Limit in cores", "CPU 核数上限"),
});

export type AgentSpec = z.infer<typeof agentSpec>;

/**
 * Old-generation heap limit in MiB for V8. Beside the heap up to 96 MiB are Node's own, buffers and TLS sessions that
 * wait for the collector: anonymous memory of the process less its heap, the highest of ten `mall verify` in a row with
 * Node 24 over 23 servers. Half of the rest is kept free: a limit that is reached kills the agent in the middle of its
 * work. The program's own file-backed pages are the kernel's to take back and need no room.
 */
export const heapMiB = (memoryBytes: number): number =>
  Math.max(48, Math.floor((memoryBytes / 2 ** 20 - 96) / 2));
