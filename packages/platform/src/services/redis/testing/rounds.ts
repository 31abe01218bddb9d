/** The agent's rounds on the simulated cluster, and what must hold of it. */
import { assess } from "../decide.ts";
import { allSlots, joinSlots, subtractSlots } from "../slots.ts";
import { redisSpec } from "../spec.ts";
import { apply } from "./apply.ts";
import { tick } from "./ticks.ts";
import { observe } from "./view.ts";
import { freshWorld, has, type World, write } from "./world.ts";

export const spec = redisSpec.parse({});
/** One key in each third of the slots, and two more. */
export const keys = [0, 100, 6_000, 12_000, 16_383];

/** One round of the agent: what it decides, of which the first `limit` are done; what a server refuses waits. */
export function round(world: World, limit = Number.POSITIVE_INFINITY): readonly string[] {
  const done: string[] = [];
  for (const [i, action] of assess(spec, observe(world)).actions.slice(0, limit).entries()) {
    // As act does: what an earlier action made wrong is not done any more.
    if (i > 0 && action.kind !== "meet") {
      const asked = assess(spec, observe(world)).actions.map(({ why: _why, ...again }) =>
        JSON.stringify(again),
      );
      const { why: _, ...grounds } = action;
      if (!asked.includes(JSON.stringify(grounds))) continue;
    }
    try {
      apply(world, action);
      done.push(`${action.kind} ${action.target}`);
    } catch (error) {
      if (String(error).includes("INVARIANT")) throw error;
    }
  }
  return done;
}

/** Rounds and seconds until nothing is left to do. @returns how many it took. */
export function settle(world: World, limit = 60): number {
  for (let i = 0; i < limit; i++) {
    const { actions, problems } = assess(spec, observe(world));
    if (actions.length === 0 && problems.length === 0) return i;
    round(world);
    tick(world);
    expectNothingLost(world);
  }
  const { actions, problems } = assess(spec, observe(world));
  throw new Error(
    `not whole after ${limit} rounds: ${JSON.stringify({ actions, problems, world: show(world) })}`,
  );
}

const show = (world: World) =>
  world.nodes.map(
    (n) =>
      `${n.instance} ${n.running ? "" : "down "}${n.role} ${n.masterId?.slice(-4) ?? ""} ${n.id.slice(-4)} keys ${[...n.keys]} ${JSON.stringify(n.slots)}`,
  );

/** A key may be gone only when the fault took every copy. */
export function expectNothingLost(world: World): void {
  for (const key of world.written) {
    if (!world.nodes.some((n) => n.keys.has(key)))
      throw new Error(`key ${key} is lost: ${show(world).join("\n")}`);
  }
}

/** Three masters with all slots and all that was written, each with one replica. @throws what is not so. */
export function expectWhole(world: World): void {
  const owners = world.nodes.filter((n) => n.slots.length > 0);
  const wrong = (what: string) => new Error(`${what}: ${show(world).join("\n")}`);
  if (owners.length !== 3) throw wrong(`${owners.length} owners`);
  if (subtractSlots(allSlots, joinSlots(...owners.map((n) => n.slots))).length > 0)
    throw wrong("slots without an owner");
  for (const owner of owners) {
    const replicas = world.nodes.filter((n) => n.role === "replica" && n.masterId === owner.id);
    if (replicas.length !== 1) throw wrong(`${owner.instance} has ${replicas.length} replicas`);
  }
  for (const key of world.written) {
    const owner = owners.find((n) => has(n.slots, key));
    if (owner?.keys.has(key) !== true) throw wrong(`${owner?.instance} lacks key ${key}`);
  }
}

/** A fault that takes all copies of a key takes the key from what is to be found again. */
export function strike(world: World, fault: () => void): void {
  fault();
  for (const key of [...world.written]) {
    if (!world.nodes.some((n) => n.keys.has(key))) world.written.delete(key);
  }
}

const whole = freshWorld(6);
settle(whole);
for (const key of keys) write(whole, key);
tick(whole);
/** Six nodes, whole, with the keys written. */
export const healthy = (): World => structuredClone(whole);
