/** What a user may say of the agent itself, `services.agent` of mall.yaml. */
import { z } from "zod";
import { bytes, cores } from "../../spec/units.ts";

export const agentSpec = z.strictObject({
  memory: bytes().prefault("192Mi").describe("Hard memory limit of the agent's container"),
  cpus: cores().default(1).describe("Limit in cores"),
});

export type AgentSpec = z.infer<typeof agentSpec>;

/**
 * Old-generation heap limit in MiB for V8. Beside the heap some 55 MiB are Node's own: anonymous memory of the process
 * less its heap, measured with Node 24 over eleven servers. A third of the rest is kept free for the young generation
 * and for buffers. The program's own file-backed pages are the kernel's to take back and need no room.
 */
export const heapMiB = (memoryBytes: number): number =>
  Math.max(32, Math.floor(((memoryBytes / 2 ** 20 - 55) * 2) / 3));
