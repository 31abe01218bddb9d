import { benchStartup, type Figure } from "../../bench/startup.ts";
import { ensureEngine } from "../../engine/find.ts";
import { text } from "../../text.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Measures the times and sizes in the README on this machine, each against its bound, on a mall of its own that it makes and deletes. Takes some four minutes when the images are there. Ends with 1 when a bound is missed.",
    "在本机测量 README 中的各项时间与内存，并与各自上限比较；使用自建并在结束时删除的商城。镜像已有时约需四分钟。任何一项超限则退出码为 1。",
  ),
  examples: [{ command: "bench", does: text("all figures", "全部指标") }],
  arguments: {},
  options: {
    portBase: {
      type: "number",
      value: "port",
      default: 40_000,
      description: text("First host port of its mall", "其商城的起始端口"),
    },
  },
  async run(ctx) {
    const engine = await ensureEngine({ progress: ctx.out, signal: ctx.signal });
    const { figures, phases } = await benchStartup({
      root: ctx.root,
      engine,
      portBase: ctx.options.portBase,
      progress: ctx.out,
      signal: ctx.signal,
    });
    const shown = (figure: Figure, value: number): string =>
      `${figure.unit !== "MiB" && value < 10 ? value.toFixed(2) : Math.round(value)} ${figure.unit}`;
    ctx.out.result({ figures, phases }, () =>
      [
        ctx.out.table(
          [
            ctx.out.say(text("figure", "指标")),
            ctx.out.say(text("measured", "实测")),
            ctx.out.say(text("bound", "上限")),
          ],
          figures.map((f) => [ctx.out.say(f.title), shown(f, f.value), `≤ ${shown(f, f.bound)}`]),
        ),
        "",
        ctx.out.table(
          [
            ctx.out.say(text("phase of up with data", "带数据的 up 各阶段")),
            ctx.out.say(text("seconds", "秒数")),
          ],
          Object.entries(phases).map(([phase, ms]) => [phase, (ms / 1000).toFixed(2)]),
        ),
      ].join("\n"),
    );
    return figures.every((f) => f.value <= f.bound) ? undefined : "unmet";
  },
});
