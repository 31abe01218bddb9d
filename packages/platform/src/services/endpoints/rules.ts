/** What is wrong with the endpoints' spec before anything runs. */
import type { Finding } from "../../rules/finding.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { baseBytes, connectionBytes, type EndpointsSpec, memoryNeeded } from "./spec.ts";

export function endpointsRules(spec: EndpointsSpec): readonly Finding[] {
  const needed = memoryNeeded(spec);
  const fits = Math.max(0, Math.floor((spec.memory - baseBytes) / connectionBytes));
  if (needed <= spec.memory) return [];
  return [
    {
      id: "EP-MEMORY",
      severity: "error",
      path: "services.endpoints.memory",
      reason: text(
        `${spec.maxConnections} connections may need ${formatBytes(needed)}, the limit is ${formatBytes(spec.memory)}: the proxy would be killed when it is needed most.`,
        `${spec.maxConnections} 个连接可能需要 ${formatBytes(needed)}，而上限为 ${formatBytes(spec.memory)}：代理会在最需要时被终止。`,
      ),
      fix: text(
        fits >= 10
          ? `Set memory to ${formatBytes(needed)} or maxConnections to ${fits} at most.`
          : `Set memory to ${formatBytes(needed)} or more.`,
        fits >= 10
          ? `请将 memory 设为 ${formatBytes(needed)}，或将 maxConnections 降到 ${fits} 以内。`
          : `请将 memory 设为 ${formatBytes(needed)} 或更多。`,
      ),
      source: "https://docs.haproxy.org/3.2/management.html",
      // More connections than memory is a bet on their being idle, which one may take.
      acceptable: true,
    },
  ];
}
