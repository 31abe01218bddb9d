import type { AgentEvent } from "../../agent/events.ts";
import { agentOf } from "../../targets/compose/agent.ts";
import { text } from "../../text.ts";
import { openMall, readSecrets } from "../mall.ts";
import type { Output } from "../output.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Shows what the agent did, on which server, why, with what outcome and in which time.",
    "显示 agent 对哪台服务器做了什么、为什么、结果如何、用时多久。",
  ),
  examples: [
    { command: "events", does: text("the last 50", "最近 50 条") },
    { command: "events -f mysql", does: text("follow one service", "持续跟踪一个服务") },
    { command: "events -f --json", does: text("one JSON document a line", "每行一个 JSON 文档") },
  ],
  arguments: {
    service: { description: text("A service; none: all", "服务名；不指定则为全部") },
  },
  options: {
    follow: { type: "flag", short: "f", description: text("Go on with what comes", "持续输出") },
    tail: {
      type: "number",
      value: "events",
      default: 50,
      description: text("Events to begin with", "起始显示的条数"),
    },
  },
  async run(ctx) {
    const { mall, plan, stateHome } = await openMall(ctx);
    const agent = agentOf(mall, plan, await readSecrets(plan, stateHome));
    const wanted = (event: AgentEvent) => (ctx.args.service ?? event.service) === event.service;
    const show = (event: AgentEvent) => ctx.out.item(event, () => line(event, ctx.out));
    try {
      const { last, events } = await agent.events({ since: 0, waitMs: 0 });
      for (const event of events.filter(wanted).slice(-Math.max(0, ctx.options.tail))) show(event);
      if (!ctx.options.follow) return undefined;
      // From the newest of all services: what was left out above must not come again.
      for await (const event of agent.follow(last, ctx.signal)) if (wanted(event)) show(event);
      return undefined;
    } finally {
      await agent.close();
    }
  },
});

function line(
  { time, service, action, target, why, outcome, durationMs, error }: AgentEvent,
  out: Output,
): string {
  const { colors } = out;
  const mark = { done: colors.green("✓"), failed: colors.red("✗"), note: colors.dim("·") }[outcome];
  const what = [service, action, ...(target === "service" ? [] : [target])].join(" ");
  const took = durationMs >= 1_000 ? ` ${(durationMs / 1_000).toFixed(1)} s` : ` ${durationMs} ms`;
  const reason = error === undefined ? why : `${why}: ${error}`;
  return `${colors.dim(time)} ${mark} ${what} (${reason})${outcome === "note" ? "" : colors.dim(took)}`;
}
