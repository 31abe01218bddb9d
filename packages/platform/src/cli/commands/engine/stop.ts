import { stopEngine } from "../../../engine/command.ts";
import type { LeaveResult } from "../../../engine/private/host-network.ts";
import { type Text, text } from "../../../text.ts";
import { cliError } from "../../errors.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Stops the private engine: its containers first, each in its own time, then the engine; the host's firewall rules, forwarding and bridges are as before it. An engine that was there without mallstack is never touched. With --purge its images, volumes and programs are deleted too.",
    "停止私有引擎：先有序停止容器，再停止引擎，并还原主机的防火墙规则、转发和网桥。不会触碰非 mallstack 启动的引擎。加 --purge 时同时删除其镜像、数据卷和程序。",
  ),
  examples: [
    { command: "engine stop", does: text("stop it, keep everything", "停止，保留一切") },
    { command: "engine stop --purge --yes", does: text("leave nothing of it", "彻底清除") },
  ],
  arguments: {},
  options: {
    purge: {
      type: "flag",
      description: text(
        "Delete its images, volumes (all data of all malls on it) and programs",
        "删除其镜像、数据卷（其上所有商城的全部数据）和程序",
      ),
    },
    yes: { type: "flag", description: text("Do not ask; needed for --purge", "无需确认（--purge 必需）") },
  },
  async run({ options, out, signal }) {
    if (options.purge && !options.yes)
      throw cliError.CONFIRMATION_NEEDED({
        command: "engine stop --purge",
        loses: text(
          "all data of every mall on the private engine, its images and programs",
          "私有引擎上所有商城的全部数据、镜像与程序",
        ),
      });
    const result = await stopEngine({ progress: out, signal, purge: options.purge });
    const host = hostWords(result.host);
    out.result(result, () =>
      out.say(
        result.purged
          ? text(`The private engine is gone${host.en}.`, `私有引擎已彻底清除${host.zh}。`)
          : result.wasRunning
            ? text(`The private engine is stopped${host.en}.`, `私有引擎已停止${host.zh}。`)
            : text("The private engine did not run.", "私有引擎并未运行。"),
      ),
    );
    return undefined;
  },
});

/** What is still to be said of the host's network; nothing where it is as before the first start. */
export function hostWords({ others, differences }: LeaveResult): Text {
  if (others.length > 0) {
    const names = others.join(", ");
    return text(
      `; other private engines still run on this machine (${names}), so forwarding stays on`,
      `；本机还有其他私有引擎在运行（${names}），因此转发保持开启`,
    );
  }
  const rules = (differences?.added.length ?? 0) + (differences?.removed.length ?? 0);
  return rules === 0
    ? text("", "")
    : text(
        `; the host's firewall differs from before it by ${rules} rules (see --json)`,
        `；主机防火墙与启动前相差 ${rules} 条规则（见 --json）`,
      );
}
