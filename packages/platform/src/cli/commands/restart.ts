import { instancesOn } from "../../plan/names.ts";
import { servicesOf } from "../../services/plan-mall.ts";
import { agentOf } from "../../targets/compose/agent.ts";
import { rolloutService } from "../../targets/compose/rollout.ts";
import { text } from "../../text.ts";
import { cliError } from "../errors.ts";
import { openMall, readSecrets } from "../mall.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Restarts a service or an instance in the service's own order, replicas before the primary, one at a time, each healthy and converged before the next.",
    "按服务自身的顺序重启一个服务或实例：先副本后主节点，逐个进行，每个恢复健康并收敛后再继续下一个。",
  ),
  examples: [
    { command: "restart redis", does: text("a whole service, rolling", "滚动重启整个服务") },
    { command: "restart mysql-2", does: text("one instance", "重启单个实例") },
  ],
  arguments: {
    target: { required: true, description: text("A service or an instance", "服务名或实例名") },
  },
  options: {},
  async run(ctx) {
    const { mall, plan, engine, folders, stateHome } = await openMall(ctx);
    const { target } = ctx.args;
    const all = instancesOn(plan, "compose");
    const chosen = all.filter((found) => found.service === target || found.instance.name === target);
    const service = servicesOf(mall).find((one) => one.name === chosen[0]?.service);
    if (service === undefined) {
      const known = [...new Set(all.flatMap((found) => [found.service, found.instance.name]))];
      throw cliError.TARGET_UNKNOWN({ target, known });
    }
    const agent = agentOf(mall, plan, await readSecrets(plan, stateHome));
    try {
      const changes = chosen.map(({ instance }) => ({
        instance: instance.name,
        apply: "restart" as const,
        what: ["asked for"],
      }));
      const title = text(`Restart ${service.title.en}`, `重启 ${service.title.zh}`);
      const steps = await ctx.out.task(title, (note) =>
        rolloutService(
          { engine, mall, plan, folder: folders.compose, agent, signal: ctx.signal, note },
          service,
          changes,
        ),
      );
      ctx.out.result({ service: service.name, steps }, () =>
        steps
          .map(({ step, ms, remark }) => {
            const took = `${step.instance}  ${(ms / 1000).toFixed(1)} s`;
            return remark === "" ? took : `${took}  ${remark}`;
          })
          .join("\n"),
      );
    } finally {
      await agent.close();
    }
    return undefined;
  },
});
