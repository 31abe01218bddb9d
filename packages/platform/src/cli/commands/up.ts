import { endpointsOf } from "../../targets/compose/endpoints.ts";
import { text } from "../../text.ts";
import { bringUp } from "../bring-up.ts";
import { openMall } from "../mall.ts";
import { upLines } from "../up-text.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Brings the mall of mall.yaml up: engine, images, keys, servers, clusters, users, endpoints; and proves it by reading the servers back. Run again it goes on where it was cut, applies only what changed, and changes nothing when nothing did.",
    "按 mall.yaml 启动商城：引擎、镜像、密钥、服务器、集群、用户、访问入口，并回读服务器加以证明。再次运行会从中断处继续，只应用变化的部分；没有变化则不做任何改动。",
  ),
  examples: [
    {
      command: "up",
      does: text("everything, by ./mall.yaml or the plan's defaults", "按 ./mall.yaml 或默认方案启动全部"),
    },
    { command: "up --only mysql", does: text("one service and what it needs", "只启动一个服务及其依赖") },
  ],
  arguments: {},
  options: {
    only: {
      type: "list",
      value: "service",
      description: text(
        "These services and what they need; others are left as they are",
        "仅这些服务及其依赖；其余保持不变",
      ),
    },
  },
  async run(ctx) {
    const startedAt = performance.now();
    const opened = await openMall(ctx, { start: true, only: ctx.options.only });
    const result = await bringUp(ctx, opened, { keepSurplus: ctx.options.only.length > 0 });
    const seconds = (performance.now() - startedAt) / 1000;
    const endpoints = endpointsOf(opened.plan, opened.mall.site.bind);
    ctx.out.result({ ...result, seconds, endpoints }, () =>
      [
        ...upLines(result, seconds).map(ctx.out.say),
        "",
        ctx.out.table(
          ["endpoint", "address"],
          endpoints.map((e) => [e.name, e.address]),
        ),
      ].join("\n"),
    );
    return undefined;
  },
});
