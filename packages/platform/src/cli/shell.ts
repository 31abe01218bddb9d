/** Opens a service's usual client in one of its containers, or runs one command of it. */
import type { ExitKind } from "../errors.ts";
import { servicesOf } from "../services/plan-mall.ts";
import { containerName } from "../targets/compose/names.ts";
import { connectInfos } from "./connect.ts";
import { cliError } from "./errors.ts";
import { runForeground } from "./foreground.ts";
import { type Asking, openMall } from "./mall.ts";

export async function openShell(
  asking: Asking,
  serviceName: string,
  words: readonly string[],
): Promise<ExitKind | undefined> {
  const opened = await openMall(asking);
  const service = servicesOf(opened.mall).find((one) => one.name === serviceName);
  const [info] = service === undefined ? [] : await connectInfos(opened, [service]);
  if (info === undefined) {
    const known = servicesOf(opened.mall).map((one) => one.name);
    throw cliError.TARGET_UNKNOWN({ target: serviceName, known });
  }
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true ? ["-it"] : ["-i"];
  const container = containerName(opened.mall.site.name, info.shell.instance);
  const code = await runForeground(
    "docker",
    ["exec", ...terminal, container, ...info.shell.command, ...words],
    { ...process.env, ...opened.engine.env },
  );
  if (typeof code === "string") return "interrupted";
  return code === 0 ? undefined : "unmet";
}
