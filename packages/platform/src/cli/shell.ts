/** Opens a service's usual client in one of its containers, or runs one command of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ExitKind } from "../errors.ts";
import { servicesOf } from "../services/plan-mall.ts";
import { containerName } from "../targets/compose/names.ts";
import { connectInfos } from "./connect.ts";
import { cliError } from "./errors.ts";
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
  const child = spawn("docker", ["exec", ...terminal, container, ...info.shell.command, ...words], {
    stdio: "inherit",
    env: { ...process.env, ...opened.engine.env },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0 ? undefined : "unmet";
}
