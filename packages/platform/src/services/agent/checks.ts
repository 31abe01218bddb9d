/** Live checks of the agent's own API. */
import { messageOf } from "../../errors.ts";
import { agentApi } from "../../plan/names.ts";
import { text } from "../../text.ts";
import type { Check } from "../service.ts";
import { dialTls } from "../tls-probe.ts";
import type { AgentSpec } from "./spec.ts";

/**
 * With TLS 1.3 a server verifies the client's certificate after the client already counts the handshake as done:
 * the refusal is an alert at the first read. So the caller asks for something and waits for the answer.
 */
const strangerRefused: Check<AgentSpec> = {
  id: "agent.api-refuses-strangers",
  requirements: ["GE-4"],
  title: text("The agent's API answers no client without a certificate", "代理的 API 不应答没有证书的客户端"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const instance = agentApi.instance;
    const address = ctx.net.address(instance, agentApi.port);
    const from = `${instance}:${agentApi.number}`;
    const { ca } = await ctx.secrets.identity();
    try {
      const socket = await dialTls(address, { ca }, { signal: ctx.signal, timeoutMs: 3_000 });
      const answer = await new Promise<string>((resolve, reject) => {
        socket.once("data", (data) => resolve(data.toString("latin1").slice(0, 80)));
        socket.once("error", reject);
        socket.once("close", () => reject(new Error("closed without an answer")));
        socket.setTimeout(3_000, () => reject(new Error("no answer within 3 s")));
        socket.write("GET /v1/status HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n");
      }).finally(() => socket.destroy());
      return {
        verdict: "fail",
        detail: text("It answered a client without a certificate", "它应答了没有证书的客户端"),
        evidence: [{ from, read: answer }],
      };
    } catch (error) {
      const read = messageOf(error);
      // Only the server's own word counts: an agent that cannot be reached refuses everybody.
      const refused = /alert|certificate required|closed without an answer|ECONNRESET/i.test(read);
      return {
        verdict: refused ? "pass" : "fail",
        detail: refused
          ? text("Refused during the TLS handshake", "在 TLS 握手时被拒绝")
          : text("Could not be asked", "无法询问"),
        evidence: [{ from, read }],
      };
    }
  },
};

export const agentChecks: readonly Check<AgentSpec>[] = [strangerRefused];
