/** What the checks share: steps with what was read, waiting, and an edge asked as a viewer asks it. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { type Answer, askAt } from "../../https-client.ts";
import { patiently } from "../../patience.ts";
import type { Check, Ctx } from "../../service.ts";
import { type Step, steps as stepByStep } from "../../steps.ts";
import { files, ports, type stores } from "../names.ts";
import type { LiveSpec } from "../spec.ts";

export type { Step } from "../../steps.ts";
export { deviates, failed, passed } from "../../verdict.ts";

export type LiveCheck = Check<LiveSpec>;
export type LiveCtx = Ctx<LiveSpec>;

/** {@link stepByStep} about this service. */
export const steps = (work: (step: Step) => Promise<void>) => stepByStep("live", work);

/** Whether the application was planned with this store. */
export const hasStore = ({ own }: LiveCtx, store: keyof typeof stores): boolean =>
  own.workloads
    .flatMap(({ instances }) => instances.flatMap((one) => one.files))
    .some((file) => file.path === files.app && "content" in file && store in JSON.parse(file.content));

/** A viewer's request to one edge. @param path with its query */
export const view = (
  ctx: LiveCtx,
  edge: InstanceName,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  askAt(ctx, edge, ctx.net.address(edge, ports.https.name), { path, headers, anonymous: true });

export const header = ({ headers }: Answer, name: string): string => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : (value ?? "");
};

const pollMs = 150;

/**
 * Asks until it gives something.
 * @param usualMs within which it does on an idle machine
 * @throws with the last reason when it has not for as long as a check is patient
 */
export async function until<T>(
  ctx: LiveCtx,
  what: string,
  usualMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  let reason = "";
  for (const started = performance.now(); ; await sleep(pollMs, undefined, { signal: ctx.signal })) {
    try {
      const found = await ask();
      if (found !== undefined) return found;
    } catch (error) {
      reason = `: ${messageOf(error)}`;
    }
    const waited = performance.now() - started;
    if (waited > patiently(ctx, usualMs))
      throw new Error(`${what} not within ${Math.round(waited)} ms${reason}`);
  }
}
