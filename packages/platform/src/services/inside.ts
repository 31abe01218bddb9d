/** Commands in the containers of the mall, for checks that read what no network shows. */
import type { InstanceName } from "../plan/model.ts";
import type { Ctx } from "./service.ts";

/** The engine starts a process in a container within a second, on a busy machine within ten. */
export const execMs = 30_000;

/**
 * What the command prints.
 * @param options.partial something printed is enough, whatever the exit code: `cat` of files of which some are absent
 * @throws when it prints nothing, fails, or the container cannot be asked
 */
export async function runInside(
  ctx: Pick<Ctx, "inside">,
  instance: InstanceName,
  command: readonly string[],
  options: { readonly partial?: boolean } = {},
): Promise<string> {
  if (ctx.inside === undefined) throw new Error("the container cannot be asked from here");
  const { code, stdout, stderr } = await ctx.inside.exec(instance, command, { timeoutMs: execMs });
  if (stdout.trim() === "" || (code !== 0 && options.partial !== true))
    throw new Error(stderr.trim() || `${command.join(" ")}: exit code ${code}`);
  return stdout;
}
