/** Reads all nodes at once, each within its own limit; what cannot be read is said in the state. */
import { MallError, messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import { workloadName } from "./names.ts";
import type { ZookeeperSpec } from "./spec.ts";
import type { NodeState, NodeUp, ZookeeperState } from "./state.ts";
import { ask, parseMonitor } from "./words.ts";

export const instancesOf = (ctx: Pick<Ctx, "own">): readonly InstanceName[] =>
  ctx.own.workloads.filter((w) => w.name === workloadName).flatMap((w) => w.instances.map((i) => i.name));

export async function observeZookeeper(ctx: Ctx<ZookeeperSpec>): Promise<ZookeeperState> {
  const nodes = await Promise.all(instancesOf(ctx).map((instance) => observeNode(ctx, instance)));
  return { at: ctx.now(), nodes };
}

async function observeNode(ctx: Ctx<ZookeeperSpec>, instance: InstanceName): Promise<NodeState> {
  try {
    const wanted = await ctx.secrets.fingerprint(instance);
    const { text, fingerprint } = await ask(ctx, instance, "mntr");
    const read = parseMonitor(text);
    const synced = read.get("zk_synced_followers");
    return {
      instance,
      up: true,
      mode: modeOf(read.get("zk_server_state")),
      // "3.9.4-<commit>, built on …"
      version: /^[0-9.]+/.exec(read.get("zk_version") ?? "")?.[0] ?? "",
      syncedFollowers: synced === undefined ? undefined : Number.parseInt(synced, 10),
      znodes: Number(read.get("zk_znode_count") ?? 0),
      connections: Number(read.get("zk_num_alive_connections") ?? 0),
      certificate: { served: { fingerprint }, wanted },
    };
  } catch (error) {
    const cause = error instanceof MallError && error.cause !== undefined ? error.cause : error;
    return { instance, up: false, error: messageOf(cause).slice(0, 160) };
  }
}

function modeOf(state: string | undefined): NodeUp["mode"] {
  return state === "leader" || state === "follower" || state === "standalone" ? state : "alone";
}
