/** What the checks share: a verdict with what was read, and the nodes as they are. */
import { type Text, text } from "../../../text.ts";
import type { Check, Ctx, Evidence } from "../../service.ts";
import { observeRedis } from "../observe.ts";
import type { RedisSpec } from "../spec.ts";
import { isUp, type NodeUp, type RedisState } from "../state.ts";

export type RedisCheck = Check<RedisSpec>;
export { deviates, failed, passed } from "../../verdict.ts";

export interface Look {
  readonly right: boolean;
  readonly evidence: Evidence;
}

/**
 * Holds every node against `look`. A node that does not answer is never right: what cannot be read does not hold.
 */
export async function eachNode(
  ctx: Ctx<RedisSpec>,
  look: (node: NodeUp, state: RedisState) => { readonly right: boolean; readonly read: string },
): Promise<{
  readonly right: boolean;
  readonly evidence: readonly Evidence[];
  readonly up: readonly NodeUp[];
}> {
  const state = await observeRedis(ctx);
  const looks = state.nodes.map((node): Look => {
    if (!isUp(node)) return { right: false, evidence: { from: node.instance, read: node.error } };
    const { right, read } = look(node, state);
    return { right, evidence: { from: node.instance, read } };
  });
  return {
    right: looks.length > 0 && looks.every((l) => l.right),
    evidence: looks.map((l) => l.evidence),
    up: state.nodes.filter(isUp),
  };
}

export const onAllNodes = (count: number): Text => text(`on all ${count} nodes`, `${count} 个节点均如此`);
