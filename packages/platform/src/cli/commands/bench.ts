import { type Figure, isMet, shown, shownBound } from "../../bench/figure.ts";
import { benchLive, type PartName, partNames } from "../../bench/live/bench.ts";
import { benchStartup } from "../../bench/startup.ts";
import { ensureEngine } from "../../engine/find.ts";
import { text } from "../../text.ts";
import { liveToBench } from "../live/bench-mall.ts";
import type { Output } from "../output.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Measures the figures in the README on this machine, each against its bound. startup: times and sizes, on a mall of its own that it makes and deletes, in some four minutes when the images are there. live: live streaming's, on the mall that runs, in a room of their own that is removed again, in some five minutes; nobody else should use it meanwhile. Ends with 1 when a bound is missed.",
    "在本机测量 README 中的各项指标，并与各自界限比较。startup：启动时间与内存，使用自建并在结束时删除的商城，镜像已有时约需四分钟。live：直播指标，在正在运行的商城中使用专用直播间（结束后删除），约需五分钟，期间请勿有其他使用。任何一项未达到界限则退出码为 1。",
  ),
  examples: [
    { command: "bench", does: text("times and sizes", "启动时间与内存") },
    { command: "bench live", does: text("live streaming's figures", "直播的全部指标") },
    {
      command: "bench live --only auction,publishing",
      does: text("two parts of them", "其中两个部分"),
    },
  ],
  arguments: {
    what: {
      choices: ["startup", "live"],
      description: text("What is measured; none: startup", "测量内容；不指定则为 startup"),
    },
  },
  options: {
    portBase: {
      type: "number",
      value: "port",
      default: 40_000,
      description: text("First host port of startup's mall", "startup 所用商城的起始端口"),
    },
    only: {
      type: "list",
      value: "parts",
      choices: partNames,
      description: text("Of live: these parts alone", "仅测量 live 的这些部分"),
    },
  },
  async run(ctx) {
    if (ctx.args.what === "live") {
      const figures = await benchLive(await liveToBench(ctx), ctx.options.only as readonly PartName[]);
      ctx.out.result({ figures }, () => table(ctx.out, figures));
      return figures.every(isMet) ? undefined : "unmet";
    }
    const engine = await ensureEngine({ progress: ctx.out, signal: ctx.signal });
    const { figures, phases } = await benchStartup({
      root: ctx.root,
      engine,
      portBase: ctx.options.portBase,
      progress: ctx.out,
      signal: ctx.signal,
    });
    ctx.out.result({ figures, phases }, () =>
      [
        table(ctx.out, figures),
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
    return figures.every(isMet) ? undefined : "unmet";
  },
});

function table(out: Output, figures: readonly Figure[]): string {
  const head = [
    text("figure", "指标"),
    text("measured", "实测"),
    text("bound", "界限"),
    text("", ""),
    text("how", "说明"),
  ];
  return out.table(
    head.map(out.say),
    figures.map((figure) => [
      out.say(figure.title),
      shown(figure, figure.value),
      shownBound(figure),
      out.say(isMet(figure) ? text("met", "达到") : text("missed", "未达到")),
      figure.note === undefined ? "" : out.say(figure.note),
    ]),
  );
}
