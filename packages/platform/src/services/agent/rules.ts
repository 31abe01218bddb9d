/** What is wrong with an agent's spec before anything runs. */
import type { Finding } from "../../rules/finding.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import type { AgentSpec } from "./spec.ts";

/** Over 23 servers `mall verify` took it to 122 MiB of anonymous memory with the least heap; a third above that. */
const leastBytes = 160 * 2 ** 20;

export function agentRules(spec: AgentSpec): readonly Finding[] {
  if (spec.memory >= leastBytes) return [];
  return [
    {
      id: "AG-MEMORY",
      severity: "error",
      path: "services.agent.memory",
      reason: text(
        `The agent does not run in ${formatBytes(spec.memory)}.`,
        `代理无法在 ${formatBytes(spec.memory)} 内运行。`,
      ),
      fix: text(`Give it ${formatBytes(leastBytes)} or more.`, `请给它 ${formatBytes(leastBytes)} 或更多。`),
      source: "https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib",
      acceptable: false,
    },
  ];
}
