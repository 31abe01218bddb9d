import type { Demand } from "../../doctor/facts.ts";
import { diagnose } from "../../doctor/judge.ts";
import type { Diagnosis, Health } from "../../doctor/judgement.ts";
import { portCount, portHolders } from "../../doctor/ports.ts";
import { readEngine, readFacts } from "../../doctor/read.ts";
import type { Engine } from "../../engine/engine.ts";
import type { MallPlan } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";
import { loadMallFile } from "../../services/mall-schema.ts";
import { planMall } from "../../services/plan-mall.ts";
import { containersOf } from "../../targets/compose/containers.ts";
import { text } from "../../text.ts";
import { padEnd, wrap } from "../../width.ts";
import { plannedBytes } from "../checked-mall.ts";
import type { Output } from "../output.ts";
import { defineVerb } from "../verb.ts";

const words = {
  ok: text("ok", "正常"),
  warn: text("warn", "注意"),
  fail: text("fail", "失败"),
} as const satisfies Record<Health, unknown>;

async function runningOf(engine: Engine | undefined, mall: string): Promise<number> {
  if (engine === undefined) return 0;
  return [...(await containersOf(engine, mall)).values()].filter((c) => c.status === "running").length;
}

const mostFiles = (plan: MallPlan): number =>
  Math.max(0, ...instancesOn(plan, "compose").map(({ workload }) => workload.resources.files));

const mostMaps = (plan: MallPlan): number =>
  Math.max(0, ...instancesOn(plan, "compose").map(({ workload }) => workload.resources.maps ?? 0));

function line(found: Diagnosis, out: Output): string {
  const paint = { ok: out.colors.green, warn: out.colors.yellow, fail: out.colors.red }[found.health];
  const title = padEnd(out.say(found.title), 24);
  const width = Math.min(110, out.width);
  const [first = "", ...rest] = wrap(out.say(found.read), width - 32);
  const indent = " ".repeat(32);
  const fix = found.fix === undefined ? [] : wrap(`→ ${out.say(found.fix)}`, width - 32);
  return [
    `${paint(padEnd(out.say(words[found.health]), 6))}  ${title}${first}`,
    ...rest.map((l) => `${indent}${l}`),
    ...fix.map((l) => `${indent}${out.colors.dim(l)}`),
  ].join("\n");
}

export default defineVerb({
  description: text(
    "Looks at this machine with the eyes of the mall: engine, memory, disk, ports, open files, the kernel's settings and the clock. Each is ok, a warning or a failure, with what to do. Changes nothing. The exit code is 1 when something fails.",
    "以商城的需要检查本机：引擎、内存、磁盘、端口、打开文件数、内核设置和时钟。每项给出正常、注意或失败，以及处理办法。不做任何更改。有失败项时退出码为 1。",
  ),
  examples: [
    {
      command: "doctor",
      does: text("before the first 'up', or when something is odd", "首次“up”之前，或出现异常时"),
    },
    { command: "doctor --json", does: text("for a script", "供脚本使用") },
  ],
  arguments: {},
  options: {},
  async run({ file, out }) {
    const { mall } = await loadMallFile(file);
    const plan = planMall(mall);
    const { bind, accept } = mall.site;
    const { fact, engine, dataFolder } = await readEngine();
    const [running, taken] = await Promise.all([
      runningOf(engine, plan.mall),
      portHolders(plan, bind, engine),
    ]);
    const facts = await readFacts({ bind, engine: fact, dataFolder, taken });
    const demand: Demand = {
      mall: plan.mall,
      bind,
      plannedBytes: plannedBytes(plan),
      memoryAccepted: accept.includes("MEM-FIT"),
      files: mostFiles(plan),
      maps: mostMaps(plan),
      ports: portCount(plan),
      running,
    };
    const found = diagnose(facts, demand);
    const ok = found.every((d) => d.health !== "fail");
    const count = (health: Health): number => found.filter((d) => d.health === health).length;
    out.result({ ok, diagnoses: found, facts, demand }, () =>
      [
        ...found.map((d) => line(d, out)),
        "",
        out.say(
          text(
            `${count("ok")} ok, ${count("warn")} to look at, ${count("fail")} failed`,
            `${count("ok")} 项正常，${count("warn")} 项需注意，${count("fail")} 项失败`,
          ),
        ),
      ].join("\n"),
    );
    return ok ? undefined : "unmet";
  },
});
