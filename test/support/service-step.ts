/** What the agent does with what a service decided, in a test that stands in its place. */
import { messageOf } from "../../packages/platform/src/errors.ts";
import type { ActionBase, AnyService, Ctx } from "../../packages/platform/src/services/service.ts";

/**
 * One round. After a failure the target's later actions wait for another look, as the agent's do.
 * @param actions what was done is added to it: `kind target`, what failed in parentheses with its reason
 * @returns whether any was done
 */
export async function step(
  service: AnyService,
  ctx: Ctx,
  decided: readonly ActionBase[],
  actions: string[],
): Promise<boolean> {
  let hasActed = false;
  const failed = new Set<string>();
  for (const action of decided) {
    if (failed.has(action.target)) continue;
    try {
      await service.act(ctx, action);
      actions.push(`${action.kind} ${action.target}`);
      hasActed = true;
    } catch (error) {
      failed.add(action.target);
      actions.push(`(${action.kind} ${action.target}: ${messageOf(error)})`);
    }
  }
  return hasActed;
}
