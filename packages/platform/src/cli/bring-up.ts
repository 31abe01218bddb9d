/** `up` on an opened mall, as the verbs that end with a running mall share it. */
import { containerFileLimit } from "../engine/limits.ts";
import { type UpResult, up } from "../targets/compose/up.ts";
import type { OpenMall } from "./mall.ts";
import type { Output } from "./output.ts";

export async function bringUp(
  ctx: { readonly root: string; readonly out: Output; readonly signal: AbortSignal },
  { mall, engine, stateHome }: OpenMall,
  options: { readonly keepSurplus: boolean } = { keepSurplus: false },
): Promise<UpResult> {
  return up({
    mall,
    engine,
    root: ctx.root,
    stateHome,
    maxFiles: await containerFileLimit(),
    keepSurplus: options.keepSurplus,
    progress: ctx.out,
    signal: ctx.signal,
  });
}
