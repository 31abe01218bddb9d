/** What the checks share: the cluster as it is, and a login that the servers take. */
import { randomBytes } from "node:crypto";
import { messageOf } from "../../../errors.ts";
import { text } from "../../../text.ts";
import type { Check, CheckResult, Ctx, Evidence } from "../../service.ts";
import { failed } from "../../verdict.ts";
import { type Login, type Node, withAddress } from "../client.ts";
import { routeNames } from "../names.ts";
import { observeMinio, rootOf } from "../observe.ts";
import type { MinioSpec } from "../spec.ts";
import { type Cluster, isRead } from "../state.ts";

export { deviates, failed, passed } from "../../verdict.ts";

export type MinioCheck = Check<MinioSpec>;

/** What `look` says of the cluster; failed where it cannot be read. */
export async function onCluster(
  ctx: Ctx<MinioSpec>,
  look: (cluster: Cluster) => CheckResult | Promise<CheckResult>,
): Promise<CheckResult> {
  const { cluster } = await observeMinio(ctx);
  if (isRead(cluster)) return look(cluster);
  return failed(text("the cluster cannot be read", "无法读取集群"), [{ from: "minio", read: cluster.error }]);
}

/** Through the endpoint that applications use, as the root user and for as long as a slow answer takes. */
export async function atEndpoint<T>(
  ctx: Ctx<MinioSpec>,
  work: (node: Node, root: Login) => Promise<T>,
  timeoutMs = 10_000,
): Promise<T> {
  const route = ctx.own.routes.find(({ name }) => name === routeNames.s3);
  if (route === undefined) throw new Error("the plan has no endpoint for S3");
  return withAddress(
    ctx,
    routeNames.s3,
    ctx.net.route(route),
    async (node) => work(node, (await rootOf(ctx, node)).login),
    { timeoutMs },
  );
}

/** A name of a check's own, so that two at once do not meet. */
export const ownName = (): string => `mall-check-${randomBytes(5).toString("hex")}`;

/** Steps that must all hold, each with what was read and how long it took. The first error ends it. */
export async function steps(
  work: (step: (from: string, read: string, right: boolean) => void) => Promise<void>,
): Promise<{ readonly right: boolean; readonly evidence: readonly Evidence[] }> {
  const evidence: Evidence[] = [];
  let right = true;
  let at = performance.now();
  const step = (from: string, read: string, holds: boolean): void => {
    const seconds = ((performance.now() - at) / 1000).toFixed(1);
    at = performance.now();
    evidence.push({ from, read: `${read}; ${seconds} s${holds ? "" : " (not as wanted)"}` });
    right &&= holds;
  };
  try {
    await work(step);
  } catch (error) {
    step("minio", messageOf(error), false);
  }
  return { right: right && evidence.length > 0, evidence };
}
