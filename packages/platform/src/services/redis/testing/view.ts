/** The simulated cluster as an agent observes it. */
import type { NodeState, RedisState } from "../state.ts";
import type { TableEntry } from "../topology.ts";
import { highestEpoch, voters } from "./ticks.ts";
import type { Known, SimNode, World } from "./world.ts";

const startedAt = 1_700_000_000_000;

export function observe(world: World): RedisState {
  return { at: startedAt + world.now * 1_000, nodes: world.nodes.map((n) => view(world, n)) };
}

function view(world: World, node: SimNode): NodeState {
  const { instance } = node;
  if (!node.running) return { instance, up: false, addresses: [], kind: "unreachable", error: "stopped" };
  const self = entryOf(node.id, {
    address: node.address,
    role: node.role,
    masterId: node.masterId,
    epoch: node.epoch,
    slots: node.slots,
    linked: true,
    noAddress: false,
    failing: "no",
    lastAnswerAt: 0,
  });
  const { all, linked } = voters(node);
  return {
    instance,
    up: true,
    addresses: [node.address],
    id: node.id,
    self: { ...self, self: true },
    table: [{ ...self, self: true }, ...[...node.known].map(([id, e]) => entryOf(id, e))],
    clusterOk: all > 0 && linked.length >= Math.floor(all / 2) + 1,
    currentEpoch: node.known.size === 0 ? node.epoch : highestEpoch(world),
    keys: node.keys.size,
    version: "6.0.16",
    runId: node.id,
    uptimeSeconds: 1,
    offset: node.keys.size,
    masterLink: node.role === "master" ? undefined : node.linkUp ? "up" : "down",
    masterHost: node.role === "master" ? undefined : node.follows,
    memory: { usedBytes: 0, maxBytes: 0, evictedKeys: 0 },
    clients: 1,
    persistence: {
      aofEnabled: true,
      lastRdbOk: true,
      lastRdbAt: 0,
      changesSinceRdb: 0,
      lastAofRewriteOk: true,
      lastAofWriteOk: true,
      saving: false,
    },
    wrongUsers: node.replicasLetIn ? [] : [{ user: "replica", difference: "switched off" }],
    drift: [],
    replicationPasswordCurrent: true,
    certificate: { served: { fingerprint: "aa" }, wanted: "aa" },
    host: node.host,
  };
}

const entryOf = (id: string, e: Known): TableEntry => ({
  id,
  host: e.noAddress ? "" : e.address,
  port: e.noAddress ? 0 : 6379,
  self: false,
  role: e.role,
  failing: e.failing,
  handshake: false,
  noAddress: e.noAddress,
  masterId: e.masterId,
  epoch: e.epoch,
  linked: e.linked,
  lastAnswerAt: e.lastAnswerAt === 0 ? 0 : startedAt + e.lastAnswerAt * 1_000,
  slots: e.slots,
  moving: 0,
});
