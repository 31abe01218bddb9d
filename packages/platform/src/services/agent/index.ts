/** The agent as a service of the mall: a workload like any other, planned last because it carries the whole spec. */
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { certificateCurrent } from "../served-certificate.ts";
import { type ActionBase, defineService } from "../service.ts";
import { agentChecks } from "./checks.ts";
import { type AgentState, observeAgent } from "./observe.ts";
import { agentWorkload, planAgent } from "./plan.ts";
import { agentRules } from "./rules.ts";
import { type AgentSpec, agentSpec } from "./spec.ts";

export const agent = defineService<AgentSpec, AgentState, ActionBase>({
  name: agentWorkload,
  title: text("Agent", "代理"),
  spec: agentSpec,
  profiles: { small: {}, standard: {}, production: { memory: "256Mi" } },
  infrastructure: true,
  needs: [],
  images: [agentWorkload],
  ruleIds: ["AG-MEMORY"],
  rules: agentRules,
  plan: planAgent,
  observe: observeAgent,
  // Its certificate is taken up by watching the files; its memory is bounded by V8 and the container.
  decide: () => [],
  act: async () => {},
  summary(spec, state) {
    const memory = `${Math.round(state.anonymousBytes / 2 ** 20)}Mi / ${formatBytes(spec.memory)}`;
    if (certificateCurrent(state.certificate))
      return { ok: true, text: text(`memory ${memory}`, `内存 ${memory}`) };
    return {
      ok: false,
      text: text(
        "serves another certificate than the newest; takes it up within seconds",
        "正在使用旧证书，几秒内会换用新证书",
      ),
    };
  },
  checks: agentChecks,
  rollout: (_spec, _state, changes) =>
    changes.flatMap((change) =>
      change.apply === "live"
        ? []
        : [
            {
              instance: change.instance,
              action: change.apply === "recreate" ? ("recreate" as const) : ("restart" as const),
              why: change.what.join(", "),
              until: "healthy" as const,
            },
          ],
    ),
});
