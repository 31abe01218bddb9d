/** What the agent sees of itself: its memory, and the certificate that its own API serves. */
import { readFile } from "node:fs/promises";
import type { InstanceName } from "../../plan/model.ts";
import { agentApi } from "../../plan/names.ts";
import type { ServedCertificate } from "../served-certificate.ts";
import type { Ctx } from "../service.ts";
import { servedCertificate } from "../tls-probe.ts";
import type { AgentSpec } from "./spec.ts";

export interface AgentState {
  readonly instance: InstanceName;
  /** What only this process uses and the kernel cannot take back; the container's limit is about it. */
  readonly anonymousBytes: number;
  readonly certificate: ServedCertificate;
}

export async function observeAgent(ctx: Ctx<AgentSpec>): Promise<AgentState> {
  const { instance, port } = agentApi;
  const [anonymousBytes, certificate] = await Promise.all([
    anonymousMemory(),
    servedCertificate(ctx, instance, port),
  ]);
  return { instance, anonymousBytes, certificate };
}

/** `RssAnon` of proc(5); the whole resident set where the kernel does not tell. */
async function anonymousMemory(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? process.memoryUsage.rss() : Number(kibibytes) * 1024;
}
