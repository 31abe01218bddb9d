import { instancesOn } from "../../plan/names.ts";
import { projectName } from "../../targets/compose/names.ts";
import { text } from "../../text.ts";
import { cliError } from "../errors.ts";
import { openMall } from "../mall.ts";
import { defineVerb } from "../verb.ts";

/** `mysql-1  | the line`, as Compose writes it. */
const prefixed = /^([a-z0-9-]+)\s*\| ?(.*)$/;

export default defineVerb({
  description: text(
    "Prints the logs of all servers, of a service or of one instance.",
    "输出全部服务、某个服务或某个实例的日志。",
  ),
  examples: [
    { command: "logs", does: text("the last 100 lines of each server", "每个实例的最后 100 行") },
    { command: "logs -f mysql", does: text("follow a service", "持续跟踪一个服务") },
    { command: "logs redis-3 --tail 20", does: text("one instance", "单个实例") },
  ],
  arguments: {
    target: { description: text("A service or an instance", "服务名或实例名") },
  },
  options: {
    follow: { type: "flag", short: "f", description: text("Go on with what comes", "持续输出") },
    tail: {
      type: "number",
      value: "lines",
      default: 100,
      description: text("Lines from the end of each log", "每份日志末尾的行数"),
    },
  },
  async run(ctx) {
    const { mall, plan, engine, folders } = await openMall(ctx);
    const all = instancesOn(plan, "compose");
    const { target } = ctx.args;
    const chosen = all.filter(
      (found) => target === undefined || found.service === target || found.instance.name === target,
    );
    if (chosen.length === 0) {
      throw cliError.TARGET_UNKNOWN({
        target: target ?? "",
        known: [...new Set(all.flatMap((found) => [found.service, found.instance.name]))],
      });
    }
    await engine.tryDocker(
      [
        "compose",
        "--project-name",
        projectName(mall.site.name),
        "--project-directory",
        folders.compose,
        "logs",
        "--no-color",
        "--tail",
        String(ctx.options.tail),
        ...(ctx.options.follow ? ["--follow"] : []),
        ...chosen.map((found) => found.instance.name),
      ],
      {
        signal: ctx.signal,
        onLine: (line) => {
          const [, instance = "", message = line] = prefixed.exec(line) ?? [];
          ctx.out.item({ instance, message }, () => line);
        },
      },
    );
    return undefined;
  },
});
