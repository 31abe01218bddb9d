/** Reads all nodes at once, and through the first that answers what they hold together. */

import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";
import { groupNamed, policyNamed, quotaOf, type Storage, storageInfo } from "./admin.ts";
import { codeOf, type Login, type Node, rootLogins, withNode } from "./client.ts";
import { accessKeyOf, nodeNames, policyName, readyPath, secretId } from "./names.ts";
import { normalisedPolicy } from "./policy.ts";
import { lifecycleOf, versioningOf } from "./s3.ts";
import { accountsOf, type MinioSpec } from "./spec.ts";
import type { AccountState, Bucket, Cluster, Key, MinioState, NodeState, Server } from "./state.ts";

export async function observeMinio(ctx: Ctx<MinioSpec>): Promise<MinioState> {
  const nodes = await Promise.all(nodeNames.map((instance) => observeNode(ctx, instance)));
  return { at: ctx.now(), nodes, cluster: await observeCluster(ctx, nodes) };
}

async function observeNode(ctx: Ctx<MinioSpec>, instance: InstanceName): Promise<NodeState> {
  try {
    const wanted = await ctx.secrets.fingerprint(instance);
    return await withNode(ctx, instance, async (node) => {
      const { status } = await node.send({ method: "GET", path: "/minio/health/live" });
      if (status !== 200)
        return { instance, up: false, error: `it says of itself that it is not live (${status})` };
      const ready = await node.send({ method: "GET", path: readyPath });
      // Whoever takes no login of ours yet is starting, and reaches nobody.
      const drives =
        ready.status !== 200
          ? 0
          : await rootOf(ctx, node).then(
              ({ storage }) => onlineDrives(storage),
              () => 0,
            );
      return {
        instance,
        up: true,
        certificate: { served: { fingerprint: node.fingerprint() }, wanted },
        drives,
      };
    });
  } catch (error) {
    return { instance, up: false, error: messageOf(error).slice(0, 200) };
  }
}

async function observeCluster(
  ctx: Ctx<MinioSpec>,
  nodes: readonly NodeState[],
): Promise<MinioState["cluster"]> {
  const first = nodes.find((node) => node.up);
  if (first === undefined) return { error: "no node answers" };
  try {
    return await withNode(ctx, first.instance, (node) => readCluster(ctx, node, nodes), {
      timeoutMs: patiently(ctx, 8_000),
    });
  } catch (error) {
    return { error: messageOf(error).slice(0, 300) };
  }
}

/** A login that the servers take as their root's, with what they answered to it. @throws when they take none */
export async function rootOf(
  ctx: Ctx<MinioSpec>,
  node: Node,
): Promise<{ readonly login: Login; readonly current: boolean; readonly storage: Storage }> {
  const logins = await rootLogins(ctx);
  for (const [index, login] of logins.entries()) {
    const storage = await storageInfo(node, login);
    if (storage !== undefined) return { login, current: index === 0, storage };
  }
  throw new Error("the root password is not the servers'");
}

async function readCluster(ctx: Ctx<MinioSpec>, node: Node, nodes: readonly NodeState[]): Promise<Cluster> {
  const { login, current, storage } = await rootOf(ctx, node);
  const [buckets, accounts] = await Promise.all([
    Promise.all(Object.keys(ctx.spec.buckets).map((name) => readBucket(node, login, name))),
    Promise.all(accountsOf(ctx.spec).map(({ name }) => readAccount(ctx, node, login, name))),
  ]);
  return {
    servers: nodes.map(({ instance, up }) => serverOf(storage, instance, up)),
    parity: storage.Backend.StandardSCParity,
    drivesPerSet: storage.Backend.DrivesPerSet[0] ?? 0,
    sets: storage.Backend.TotalSets.length,
    buckets,
    accounts,
    rootCurrent: current,
  };
}

/** Drives that the asked node reaches. */
export const onlineDrives = (storage: Storage): number =>
  storage.Disks.filter((d) => d.state === "ok").length;

/** The servers name each other's drives by the addresses they were started with. */
function serverOf(storage: Storage, instance: InstanceName, online: boolean): Server {
  const drive = storage.Disks.find(({ endpoint }) => endpoint.startsWith(`https://${instance}.`));
  return {
    instance,
    online,
    drive: drive?.state ?? "unknown",
    healing: drive?.healing ?? false,
    totalBytes: drive?.totalspace ?? 0,
    usedBytes: drive?.usedspace ?? 0,
  };
}

async function readBucket(node: Node, login: Login, name: string): Promise<Bucket> {
  const versioning = await versioningOf(node, login, name);
  if (versioning === undefined) return { name, versioning, quotaBytes: undefined, lifecycle: "[]" };
  const [quotaBytes, lifecycle] = await Promise.all([
    quotaOf(node, login, name),
    lifecycleOf(node, login, name),
  ]);
  return { name, versioning, quotaBytes, lifecycle };
}

async function readAccount(
  ctx: Ctx<MinioSpec>,
  node: Node,
  login: Login,
  name: string,
): Promise<AccountState> {
  const [policy, group, keys] = await Promise.all([
    policyNamed(node, login, policyName(name)),
    groupNamed(node, login, name),
    wantedKeys(ctx, name).then((wanted) => Promise.all(wanted.map((key) => readKey(node, key)))),
  ]);
  return {
    name,
    policy: policy === undefined ? undefined : normalisedPolicy(policy),
    group:
      group === undefined
        ? undefined
        : { members: group.members, enabled: group.status === "enabled", policy: group.policy },
    keys,
  };
}

/** Of an account; the present secret's first. */
export async function wantedKeys(ctx: Pick<Ctx, "secrets">, account: string): Promise<readonly Login[]> {
  const id = secretId(account);
  const previous = await ctx.secrets.previous(id);
  return [await ctx.secrets.value(id), ...(previous === undefined ? [] : [previous])].map((secretKey) => ({
    accessKey: accessKeyOf(account, secretKey),
    secretKey,
  }));
}

/** Whether a key is taken is asked by using it: whatever it may do, its signature is looked at first. */
async function readKey(node: Node, key: Login): Promise<Key> {
  const answer = await node.send({ method: "GET", path: "/" }, key);
  const read = answer.status === 200 ? "200" : codeOf(answer);
  const is =
    read === "200" || read === "AccessDenied"
      ? "accepted"
      : read === "InvalidAccessKeyId"
        ? "absent"
        : "refused";
  return { accessKey: key.accessKey, is, read };
}
