/** Each container has a health check, and it passes (GE-8). */
import { instancesOn } from "../../plan/names.ts";
import type { Check } from "../../services/service.ts";
import { text } from "../../text.ts";

export const containersHealthy: Check = {
  id: "mall.containers-healthy",
  requirements: ["GE-8"],
  title: text("Each container has a health check, and it passes", "每个容器都有健康检查且通过"),
  kind: "read",
  needs: ["engine"],
  async run({ plan, engine }) {
    if (engine === undefined) throw new Error("the engine's port is absent");
    const instances = instancesOn(plan, "compose").map((l) => l.instance.name);
    const states = await Promise.all(instances.map((instance) => engine.state(instance)));
    const bad = states.filter((s) => s.status !== "running" || s.health !== "healthy");
    return {
      verdict: states.length > 0 && bad.length === 0 ? "pass" : "fail",
      detail:
        bad.length === 0
          ? text(`${states.length} containers are healthy`, `${states.length} 个容器健康`)
          : text(
              `Not healthy: ${bad.map((s) => s.instance).join(", ")}`,
              `不健康：${bad.map((s) => s.instance).join("、")}`,
            ),
      evidence: states.map((s) => ({
        from: s.instance,
        read: [
          s.status,
          s.health === "none" ? "no health check" : s.health,
          ...(s.oomKilled ? ["was killed for memory"] : []),
          ...(s.restarts > 0 ? [`${s.restarts} restarts`] : []),
        ].join(", "),
      })),
    };
  },
};
