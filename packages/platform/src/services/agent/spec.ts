/** What a user may say of the agent itself, `services.agent` of mall.yaml. */
import { z } from "zod";
import { bytes, cores } from "../../spec/units.ts";

export const agentSpec = z.strictObject({
  memory: bytes().prefault("150Mi").describe("Hard memory limit of the agent's container"),
  cpus: cores().default(0.5).describe("Limit in cores"),
});

export type AgentSpec = z.infer<typeof agentSpec>;

/**
 * Old-generation heap limit in MiB for V8. Of a 150 MiB container some 55 MiB are Node's own code, stacks and TLS
 * buffers (measured RSS of the idle process less its heap); the rest is left to the heap with a third kept free for
 * the young generation and buffers.
 */
export const heapMiB = (memoryBytes: number): number =>
  Math.max(32, Math.floor(((memoryBytes / 2 ** 20 - 55) * 2) / 3));
