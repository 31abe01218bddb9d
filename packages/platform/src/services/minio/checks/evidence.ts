/** What the checks share: the cluster as it is, and a login that the servers take. */
import { randomBytes } from "node:crypto";
import { text } from "../../../text.ts";
import type { Check, CheckResult, Ctx } from "../../service.ts";
import { type Step, steps as stepByStep } from "../../steps.ts";
import { failed } from "../../verdict.ts";
import { type Login, type Node, withAddress } from "../client.ts";
import { appAccount, routeNames } from "../names.ts";
import { observeMinio, rootOf, wantedKeys } from "../observe.ts";
import { accountsOf, type MinioSpec } from "../spec.ts";
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

/** The application's present key with a bucket that it may write. @throws when none is declared */
export async function application(
  ctx: Ctx<MinioSpec>,
): Promise<{ readonly key: Login; readonly bucket: string }> {
  const [key] = await wantedKeys(ctx, appAccount);
  const bucket = accountsOf(ctx.spec).find(({ name }) => name === appAccount)?.writes[0];
  if (key === undefined || bucket === undefined)
    throw new Error("no bucket of the application's is declared");
  return { key, bucket };
}

/** A name of a check's own, so that two at once do not meet. */
export const ownName = (): string => `mall-check-${randomBytes(5).toString("hex")}`;

/** {@link stepByStep} about this service. */
export const steps = (work: (step: Step) => Promise<void>) => stepByStep("minio", work);
