/** `docker compose` on a mall's folder. */
import type { Engine } from "../../engine/engine.ts";
import type { InstanceName } from "../../plan/model.ts";
import { composeError } from "./errors.ts";
import { projectName } from "./names.ts";

/** Longest time one compose command may take: stopping a database in order is the slowest part. */
const timeoutMs = 300_000;

async function compose(
  engine: Engine,
  mall: string,
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const result = await engine.tryDocker(
    [
      "compose",
      "--progress",
      "quiet",
      "--project-name",
      projectName(mall),
      "--project-directory",
      folder,
      ...args,
    ],
    { timeoutMs, ...(signal === undefined ? {} : { signal }) },
  );
  if (result.exitCode !== 0) {
    const output = result.stderr.trim().split("\n").slice(-6).join("\n");
    throw composeError.COMPOSE_FAILED({ verb: args[0] ?? "", output });
  }
}

/** Makes what is missing and starts what is stopped; `recreate` makes the named ones anew. */
export async function composeUp(
  engine: Engine,
  mall: string,
  folder: string,
  instances: readonly InstanceName[],
  options: { readonly recreate?: boolean; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const how = options.recreate === true ? ["--force-recreate", "--no-deps"] : ["--no-recreate"];
  await compose(engine, mall, folder, ["up", "--detach", ...how, ...instances], options.signal);
}
