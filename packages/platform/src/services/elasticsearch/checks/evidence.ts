/** What the checks share: every node asked, and an index of the check's own. */
import { randomBytes } from "node:crypto";
import type { InstanceName } from "../../../plan/model.ts";
import { type Text, text } from "../../../text.ts";
import type { Check, Ctx, Evidence } from "../../service.ts";
import { ask, askFor } from "../client.ts";
import { observeElasticsearch } from "../observe.ts";
import type { ElasticsearchSpec } from "../spec.ts";
import { type ElasticsearchState, isUp, type NodeUp } from "../state.ts";

export type ElasticsearchCheck = Check<ElasticsearchSpec>;
export { deviates, failed, passed } from "../../verdict.ts";

export const onAllNodes = (count: number): Text => text(`on all ${count} nodes`, `${count} 个节点均如此`);

export interface Looks {
  readonly right: boolean;
  readonly evidence: readonly Evidence[];
  readonly up: readonly NodeUp[];
  readonly state: ElasticsearchState;
}

/** Judges each node; one that does not answer is never right. */
export async function eachNode(
  ctx: Ctx<ElasticsearchSpec>,
  judge: (node: NodeUp) => { readonly right: boolean; readonly read: string },
): Promise<Looks> {
  const state = await observeElasticsearch(ctx);
  const up = state.nodes.filter(isUp);
  const looks = state.nodes.map((node) => {
    const { right, read } = isUp(node) ? judge(node) : { right: false, read: node.error };
    return { right, evidence: { from: node.instance, read } };
  });
  return {
    right: looks.length > 0 && looks.every((l) => l.right),
    evidence: looks.map((l) => l.evidence),
    up,
    state,
  };
}

/** A name that no application uses, for an index that is deleted again. */
export const scratchName = (prefix = "mall-check-"): string => `${prefix}${randomBytes(4).toString("hex")}`;

/** Of a check, whatever template it is made by. */
export const isScratch = (index: string): boolean => index.includes("mall-check-");

/** What a check that was ended half-way left behind is older than any check takes, ms. */
const leftBehindMs = 15 * 60_000;

const madeWithinMs = 10_000;
const removedWithinMs = 10_000;

async function sweep(ctx: Ctx<ElasticsearchSpec>, from: InstanceName): Promise<void> {
  const path = "/_cat/indices/*mall-check-*?format=json&h=index,creation.date&expand_wildcards=all";
  const found = await askFor<readonly { readonly index: string; readonly "creation.date": string }[]>(
    ctx,
    from,
    { path },
  );
  for (const one of found)
    if (ctx.now() - Number(one["creation.date"]) > leftBehindMs) await remove(ctx, from, one.index);
}

/** A busy cluster may take its time; what is not gone in the end, the next check removes. */
async function remove(ctx: Ctx<ElasticsearchSpec>, from: InstanceName, index: string): Promise<void> {
  const until = ctx.now() + removedWithinMs;
  do {
    const status = await ask(ctx, from, { method: "DELETE", path: `/${index}`, timeoutMs: 5_000 }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200 || status === 404) return;
  } while (ctx.now() < until);
}

/** Runs `work` with an index of its own and deletes it, whatever happens. */
export async function withIndex<T>(
  ctx: Ctx<ElasticsearchSpec>,
  from: InstanceName,
  name: string,
  body: unknown,
  work: () => Promise<T>,
): Promise<T> {
  // Two checks may do so at once; that one finds it done by the other is no failure of what is checked.
  await sweep(ctx, from).catch(() => {});
  try {
    await askFor(ctx, from, { method: "PUT", path: `/${name}`, body, timeoutMs: madeWithinMs });
    return await work();
  } finally {
    await remove(ctx, from, name);
  }
}

/** A node that can be asked now. @throws when there is none. */
export async function anyNode(ctx: Ctx<ElasticsearchSpec>): Promise<InstanceName> {
  const { cluster, clusterError } = await observeElasticsearch(ctx);
  if (cluster === undefined) throw new Error(clusterError ?? "no node knows a master");
  return cluster.askedOf;
}
