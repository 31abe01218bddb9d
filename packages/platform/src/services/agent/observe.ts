/** What the agent sees of itself: its memory, and the certificate that its own API serves. */
import type { InstanceName } from "../../plan/model.ts";
import { agentApi } from "../../plan/names.ts";
import type { ServedCertificate } from "../served-certificate.ts";
import type { Ctx } from "../service.ts";
import { servedCertificate } from "../tls-probe.ts";
import type { AgentSpec } from "./spec.ts";

export interface AgentState {
  readonly instance: InstanceName;
  readonly residentBytes: number;
  readonly certificate: ServedCertificate;
}

export async function observeAgent(ctx: Ctx<AgentSpec>): Promise<AgentState> {
  const instance = agentApi.instance;
  return {
    instance,
    residentBytes: process.memoryUsage.rss(),
    certificate: await servedCertificate(ctx, instance, agentApi.port),
  };
}
