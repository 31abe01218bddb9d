import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../errors.ts";
import { digest } from "../../plan/config-file.ts";
import { services } from "../../services/registry.ts";
import { writeAtomic } from "../../state.ts";
import { agentOf } from "../../targets/compose/agent.ts";
import { text } from "../../text.ts";
import { verifyError } from "../../verify/errors.ts";
import { junit } from "../../verify/junit.ts";
import { recordOutcome } from "../../verify/record.ts";
import { render } from "../../verify/render.ts";
import type { Verdict } from "../../verify/report.ts";
import { verify } from "../../verify/run.ts";
import { checksOf, genericCandidates } from "../../verify/select.ts";
import { folderStore } from "../../verify/store.ts";
import { hostContexts } from "../contexts.ts";
import { openMall, readSecrets } from "../mall.ts";
import type { Output } from "../output.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Holds the running mall against every line of docs/requirements.md by reading the real servers, and says what it read. Checks that disturb (fill memory, take the last connection) are not run: their last result is shown with its age. What a later step brings is pending, never passed. Ends with 1 when anything failed.",
    "逐条对照 docs/requirements.md 检查运行中的商城：读取真实服务器并给出依据。会造成干扰的检查（占满内存、耗尽连接）不会执行，只显示其最近结果及时间。后续步骤的内容记为待定，绝不算通过。任何一项失败时退出码为 1。",
  ),
  examples: [
    { command: "verify", does: text("everything", "检查全部") },
    {
      command: "verify MY-2 GE-4 -v",
      does: text("two requirements, with what was read", "检查两条要求并显示依据"),
    },
    { command: "verify --junit report.xml", does: text("for a CI server", "供 CI 使用") },
    {
      command: "verify --disruptive --yes",
      does: text("also what disturbs; its results are kept", "同时执行会造成干扰的检查并保存结果"),
    },
  ],
  arguments: {
    id: {
      variadic: true,
      offers: async () => services.map((s) => s.name),
      description: text(
        "Checks, requirements or services; none: all",
        "检查、要求或服务的名称；不指定则为全部",
      ),
    },
  },
  options: {
    verbose: { type: "flag", short: "v", description: text("With everything that was read", "显示全部依据") },
    junit: { type: "string", value: "file", description: text("Write JUnit XML too", "同时写出 JUnit XML") },
    disruptive: {
      type: "flag",
      description: text("Run also what disturbs the clients of this mall", "同时执行会干扰客户端的检查"),
    },
    yes: { type: "flag", description: text("With --disruptive: do it", "与 --disruptive 合用：确认执行") },
    record: {
      type: "string",
      value: "file",
      description: text(
        "Take in the result of a check that another program measures (docs/verify.md)",
        "录入由其他程序测量的检查结果（见 docs/verify.md）",
      ),
    },
  },
  async run(ctx) {
    const opened = await openMall(ctx);
    const store = folderStore(join(opened.folders.root, "verify"));
    const configuration = digest(opened.mall);
    if (ctx.options.record !== undefined) {
      const file = ctx.options.record;
      const all = [...services.flatMap(checksOf), ...genericCandidates([])];
      const stored = await recordOutcome(await readOutcome(file), {
        file,
        all,
        configuration,
        store,
        now: Date.now(),
      });
      ctx.out.result(stored, () =>
        ctx.out.say(text(`recorded: ${stored.report.id}`, `已录入：${stored.report.id}`)),
      );
      return undefined;
    }
    if (ctx.options.disruptive && !ctx.options.yes) refuse();
    const agent = agentOf(opened.mall, opened.plan, await readSecrets(opened.plan, opened.stateHome));
    try {
      const result = await ctx.out.task(text("Read the servers", "读取服务器"), async (note) => {
        // Undefined when it does not answer: each of its checks then says so.
        const status = await agent.status().catch(() => undefined);
        return verify({
          mall: opened.mall,
          configuration,
          registry: services,
          local: (signal) => hostContexts(opened, status, signal, () => {}),
          agent,
          store,
          ids: ctx.args.id,
          disruptive: ctx.options.disruptive,
          signal: ctx.signal,
          now: Date.now,
          note: (done, total) => note(`${done}/${total}`),
        });
      });
      if (ctx.options.junit !== undefined) await writeAtomic(ctx.options.junit, junit(result), 0o644);
      ctx.out.result(result, () =>
        render(result, {
          language: ctx.language,
          verbose: ctx.options.verbose,
          paint: painter(ctx.out),
          bold: ctx.out.colors.bold,
          dim: ctx.out.colors.dim,
        }),
      );
      return result.ok ? undefined : "unmet";
    } finally {
      await agent.close();
    }
  },
});

function refuse(): never {
  const checks = services.flatMap(checksOf).filter((c) => c.check.kind === "disruptive");
  throw verifyError.VERIFY_DISRUPTIVE({ checks: checks.map((c) => c.check.id) });
}

async function readOutcome(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw verifyError.VERIFY_RECORD_INVALID({ file, problem: messageOf(error) }, error);
  });
}

function painter({ colors }: Output): (verdict: Verdict, said: string) => string {
  const by: Readonly<Record<Verdict, (said: string) => string>> = {
    pass: colors.green,
    fail: colors.red,
    deviates: colors.cyan,
    accepted: colors.yellow,
    "not-run-here": colors.dim,
    pending: colors.dim,
  };
  return (verdict, said) => by[verdict](said);
}
