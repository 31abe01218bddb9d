import type { AgentClient } from "../../agent/client.ts";
import type { MallStatus } from "../../agent/status.ts";
import { messageOf } from "../../errors.ts";
import { agentOf } from "../../targets/compose/agent.ts";
import { containersOf } from "../../targets/compose/containers.ts";
import { type InstanceStatus, type MallView, viewOf } from "../../targets/compose/status.ts";
import { text } from "../../text.ts";
import { openMall, readSecrets } from "../mall.ts";
import type { Output } from "../output.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Shows every container with its health and role, and what the agent sees and still has to do. Ends with 1 when something is not as it should be.",
    "显示每个容器的健康状况与角色，以及 agent 观察到的情况和待办操作。若有异常，退出码为 1。",
  ),
  examples: [
    { command: "status", does: text("look once", "查看一次") },
    { command: "status --json", does: text("for a script", "供脚本使用") },
  ],
  arguments: {},
  options: {},
  async run(ctx) {
    const { mall, plan, engine, stateHome } = await openMall(ctx);
    const [running, seen] = await Promise.all([
      containersOf(engine, mall.site.name),
      askAgent(async () => agentOf(mall, plan, await readSecrets(plan, stateHome))),
    ]);
    const view = viewOf(plan, running, seen.status, seen.error);
    ctx.out.result(view, () => render(view, ctx.out));
    return view.ok ? undefined : "unmet";
  },
});

async function askAgent(
  connect: () => Promise<AgentClient>,
): Promise<{ readonly status?: MallStatus; readonly error?: string }> {
  try {
    const agent = await connect();
    try {
      return { status: await agent.status() };
    } finally {
      await agent.close();
    }
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function render(view: MallView, out: Output): string {
  const { colors } = out;
  const mark = (one: InstanceStatus): string => {
    const word = one.status === "running" ? one.health : one.status;
    return word === "healthy" ? colors.green(word) : colors.red(word);
  };
  const head = ["instance", "health", "role", "restarts", "image"];
  const rows = view.instances.map((one) => [
    one.instance,
    mark(one),
    one.roles.join(" ") || "-",
    String(one.restarts),
    one.image || "-",
  ]);
  const services = (view.agent?.services ?? []).flatMap((service) => [
    `${service.converged ? colors.green("✓") : colors.yellow("…")} ${colors.bold(service.service)}  ${
      service.summary === undefined ? (service.error ?? "") : out.say(service.summary.text)
    }`,
    ...service.pending.map(
      (action) => `    ${action.phase}: ${action.kind} ${action.target} (${action.why})`,
    ),
  ]);
  const agent =
    view.agentError === undefined
      ? []
      : [
          colors.red(
            out.say(
              text(`The agent does not answer: ${view.agentError}`, `agent 无应答：${view.agentError}`),
            ),
          ),
        ];
  return [out.table(head, rows), "", ...services, ...agent].join("\n");
}
