/** One action on the real servers: the decision that asked for it must still ask for it before, and no more after. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Ctx } from "../service.ts";
import type { MinioAction } from "./action.ts";
import * as admin from "./admin.ts";
import { type Login, type Node, withNode } from "./client.ts";
import { decideMinio } from "./decide.ts";
import { minioError } from "./errors.ts";
import { policyName } from "./names.ts";
import { observeMinio, rootOf, wantedKeys } from "./observe.ts";
import { policyOf } from "./policy.ts";
import * as s3 from "./s3.ts";
import { accountsOf, type MinioSpec } from "./spec.ts";
import { isRead } from "./state.ts";

/** Nodes tell each other of a changed user or bucket; within this time all of them know. */
const proofMs = 5_000;
/** All servers at once: they find each other again within seconds. */
const restartMs = 60_000;
const pollMs = 200;

/** @throws MINIO_NOT_PROVEN, MINIO_REFUSED, MINIO_UNREACHABLE */
export async function actMinio(ctx: Ctx<MinioSpec>, action: MinioAction): Promise<void> {
  const before = await observeMinio(ctx);
  // Done meanwhile, or no longer to be done: either way there is nothing to do here.
  if (!decideMinio(ctx.spec, before).some((asked) => same(asked, action))) return;
  const first = before.nodes.find((node) => node.up);
  if (first === undefined) return;
  await withNode(
    ctx,
    first.instance,
    async (node) => apply(ctx, node, (await rootOf(ctx, node)).login, action),
    { timeoutMs: 10_000 },
  );
  await prove(ctx, action);
}

const same = (a: MinioAction, b: MinioAction): boolean =>
  a.kind === b.kind &&
  ("account" in a ? a.account : undefined) === ("account" in b ? b.account : undefined) &&
  ("bucket" in a ? a.bucket : undefined) === ("bucket" in b ? b.bucket : undefined) &&
  ("accessKey" in a ? a.accessKey : undefined) === ("accessKey" in b ? b.accessKey : undefined);

async function apply(ctx: Ctx<MinioSpec>, node: Node, root: Login, action: MinioAction): Promise<unknown> {
  switch (action.kind) {
    case "create-bucket":
      return s3.createBucket(node, root, action.bucket);
    case "enable-versioning":
      return s3.enableVersioning(node, root, action.bucket);
    case "set-quota":
      return admin.setQuota(node, root, action.bucket, ctx.spec.buckets[action.bucket]?.quota ?? 0);
    case "set-lifecycle": {
      const spec = ctx.spec.buckets[action.bucket];
      return spec === undefined ? undefined : s3.setLifecycle(node, root, action.bucket, spec);
    }
    case "set-key": {
      const key = (await wantedKeys(ctx, action.account)).find(
        ({ accessKey }) => accessKey === action.accessKey,
      );
      return key === undefined ? undefined : admin.setUser(node, root, key);
    }
    case "join-group":
      return admin.joinGroup(node, root, action.account, action.accessKey);
    case "remove-key":
      return admin.removeUser(node, root, action.accessKey);
    case "set-policy": {
      const account = accountsOf(ctx.spec).find(({ name }) => name === action.account);
      return account === undefined
        ? undefined
        : admin.setPolicy(node, root, policyName(account.name), policyOf(account));
    }
    case "enable-group":
      return admin.enableGroup(node, root, action.account);
    case "set-group-policy":
      return admin.setGroupPolicy(node, root, action.account, policyName(action.account));
    case "restart-servers":
      return admin.stopServers(node, root);
  }
}

/** Read back until nothing asks for it any more. */
async function prove(ctx: Ctx<MinioSpec>, action: MinioAction): Promise<void> {
  const limitMs = action.kind === "restart-servers" ? restartMs : proofMs;
  const started = ctx.now();
  for (;;) {
    const { cluster, nodes, at } = await observeMinio(ctx);
    const left = isRead(cluster)
      ? decideMinio(ctx.spec, { at, nodes, cluster }).find((asked) => same(asked, action))?.why
      : // Servers that end answer nobody; that they come back with the new password is the next observation's to see.
        action.kind === "restart-servers"
        ? undefined
        : cluster.error;
    if (left === undefined) return;
    if (ctx.now() - started > limitMs)
      throw minioError.MINIO_NOT_PROVEN({
        action: action.kind,
        target: "bucket" in action ? action.bucket : "accessKey" in action ? action.accessKey : "the servers",
        read: left,
      });
    await sleep(pollMs, undefined, { signal: ctx.signal });
  }
}
