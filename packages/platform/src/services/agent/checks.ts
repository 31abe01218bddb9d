/** Live checks of the agent's own API. */
import { agentApi } from "../../plan/names.ts";
import { text } from "../../text.ts";
import type { Check } from "../service.ts";
import { strangerIsRefused } from "../tls-probe.ts";
import type { AgentSpec } from "./spec.ts";

const refusesStrangers: Check<AgentSpec> = {
  id: "agent.api-refuses-strangers",
  requirements: ["GE-4"],
  title: text("The agent's API answers no client without a certificate", "代理的 API 不应答没有证书的客户端"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const request = "GET /v1/status HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n";
    const { refused, read } = await strangerIsRefused(ctx, agentApi.instance, agentApi.port, request);
    return {
      verdict: refused ? "pass" : "fail",
      detail: refused
        ? text("Refused during the TLS handshake", "在 TLS 握手时被拒绝")
        : text("Not refused by the TLS handshake", "未在 TLS 握手时被拒绝"),
      evidence: [{ from: `${agentApi.instance}:${agentApi.number}`, read }],
    };
  },
};

export const agentChecks: readonly Check<AgentSpec>[] = [refusesStrangers];
