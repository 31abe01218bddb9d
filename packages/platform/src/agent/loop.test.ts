import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Workload } from "../plan/model.ts";
import type { AnyService } from "../services/service.ts";
import type { Loop } from "./loop.ts";
import { action, alwaysHeld, fakeService, mallOf, type Rig, rig, testTiming } from "./testing/fake.ts";

let open: Loop[] = [];
beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  const stopped = Promise.all(open.map((l) => l.stop(0)));
  await vi.advanceTimersByTimeAsync(testTiming.calmMs);
  await stopped;
  open = [];
  vi.useRealTimers();
});

async function start(services: readonly ReturnType<typeof fakeService>[], lease = alwaysHeld): Promise<Rig> {
  const made = rig(
    services.map((s) => s.service),
    lease,
  );
  open.push(made.loop);
  await made.loop.apply(mallOf(...services.map((s) => s.service.name)));
  return made;
}

const statusOf = (loop: Loop, name: string) => {
  const found = loop.status().services.find((s) => s.service === name);
  if (found === undefined) throw new Error(`no status of ${name}`);
  return found;
};

const never = new Promise<never>(() => {});

test("acts until decide returns nothing, then is converged", async () => {
  const one = fakeService("one");
  one.world.state = { todo: [action("a"), action("b")] };
  const { loop, events } = await start([one]);
  await vi.advanceTimersByTimeAsync(0);
  expect(one.world.acts).toEqual(["a", "b"]);
  // Done, and not yet seen to be done.
  expect(loop.status().converged).toBe(false);
  await vi.advanceTimersByTimeAsync(testTiming.afterActionMs);
  expect(loop.status().converged).toBe(true);
  expect(events.map((e) => [e.service, e.action, e.target, e.why, e.outcome])).toEqual([
    ["one", "a", "x-1", "because", "done"],
    ["one", "b", "x-1", "because", "done"],
  ]);
});

test("a failing action is tried again after a wait that doubles up to the cap, its error in the status", async () => {
  const one = fakeService("one");
  one.world.state = { todo: [action("a")] };
  const tries: number[] = [];
  const began = Date.now();
  one.world.act = async () => {
    tries.push(Math.round((Date.now() - began) / 1000));
    throw new Error("no luck");
  };
  const { loop, events } = await start([one]);
  await vi.advanceTimersByTimeAsync(125_000);
  // Waits of 1, 2, 4, 8, 16, 30, 30 s, taken up at the round after they end.
  expect(tries).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
  expect(statusOf(loop, "one").pending).toMatchObject([
    { kind: "a", phase: "waiting", failures: 9, error: "no luck" },
  ]);
  expect(loop.status().converged).toBe(false);
  expect(events.every((e) => e.outcome === "failed" && e.error === "no luck")).toBe(true);
});

test("what failed on a target holds back the rest on that target and nothing else", async () => {
  const one = fakeService("one");
  one.world.state = { todo: [action("a", "x-1"), action("b", "x-1"), action("c", "x-2")] };
  const act = one.world.act;
  one.world.act = async (ctx, what) => {
    if (what.kind === "a") throw new Error("no luck");
    await act(ctx, what);
  };
  await start([one]);
  await vi.advanceTimersByTimeAsync(0);
  expect(one.world.acts).toEqual(["a", "c"]);
});

test("an action that is asked for anew after it was not needed starts without its old wait", async () => {
  const one = fakeService("one");
  one.world.state = { todo: [action("a")] };
  one.world.act = async () => {
    throw new Error("no luck");
  };
  await start([one]);
  await vi.advanceTimersByTimeAsync(16_000);
  one.world.state = { todo: [] };
  await vi.advanceTimersByTimeAsync(1_000);
  const before = one.world.acts.length;
  one.world.state = { todo: [action("a")] };
  await vi.advanceTimersByTimeAsync(2_000);
  expect(one.world.acts.length).toBeGreaterThan(before);
});

test("a service whose observation hangs or throws does not delay another", async () => {
  const [hangs, throws, works] = [fakeService("hangs"), fakeService("throws"), fakeService("works")];
  hangs.world.observe = () => never;
  throws.world.observe = async () => {
    throw new Error("refused");
  };
  works.world.state = { todo: [action("a")] };
  const { loop, events } = await start([hangs, throws, works]);
  await vi.advanceTimersByTimeAsync(testTiming.observeTimeoutMs + 5_000);
  expect(statusOf(loop, "works").converged).toBe(true);
  expect(statusOf(loop, "throws").error).toBe("refused");
  expect(statusOf(loop, "hangs").error).toMatch(/no observation|still hangs/);
  // The one that hangs is not asked again beside itself, and trouble is logged once, not at each round.
  expect(hangs.world.observations).toBe(1);
  expect(events.filter((e) => e.service === "throws")).toHaveLength(1);
});

test("two acts on one service never overlap, not even with an operator's and one that ignores its time-out", async () => {
  const one = fakeService("one");
  one.world.state = { todo: [action("slow"), action("b")] };
  let finish = () => {};
  const act = one.world.act;
  one.world.act = async (ctx, what) => {
    if (what.kind === "slow") await new Promise<void>((resolve) => (finish = resolve));
    await act(ctx, what);
  };
  const { loop } = await start([one]);
  await vi.advanceTimersByTimeAsync(0);
  const asked = loop.perform("one", action("asked"));
  await vi.advanceTimersByTimeAsync(testTiming.actTimeoutMs + 60_000);
  expect(one.world.acts).toEqual(["slow"]);
  // Observing goes on beside the long action: the status is fresh and says what runs.
  expect(one.world.observations).toBeGreaterThan(100);
  expect(statusOf(loop, "one").pending.map((p) => [p.kind, p.phase])).toEqual([
    ["slow", "running"],
    ["asked", "next"],
    ["b", "next"],
  ]);
  finish();
  await vi.advanceTimersByTimeAsync(2_000);
  await expect(asked).resolves.toBe(true);
  expect(one.world.acts).toEqual(["slow", "asked", "b"]);
  expect(one.world.overlap).toBe(1);
});

test("the signal tells an action that has run too long to stop", async () => {
  const one = fakeService("one");
  one.world.state = { todo: [action("a")] };
  one.world.act = (ctx) =>
    new Promise((_resolve, reject) =>
      ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason), { once: true }),
    );
  const { events } = await start([one]);
  await vi.advanceTimersByTimeAsync(testTiming.actTimeoutMs + testTiming.calmMs);
  expect(events[0]).toMatchObject({ outcome: "failed", error: "told to stop after 300000 ms" });
});

test("an operator's action hands its error back and is logged like any other", async () => {
  const one = fakeService("one");
  one.world.act = async () => {
    throw new Error("not now");
  };
  const { loop, events } = await start([one]);
  const asked = expect(loop.perform("one", action("switchover"))).rejects.toThrow("not now");
  await vi.advanceTimersByTimeAsync(100);
  await asked;
  expect(events[0]).toMatchObject({ action: "switchover", outcome: "failed" });
  await expect(loop.perform("absent", action("a"))).resolves.toBe(false);
});

test("roles reach other services while they are fresh, and are unknown when they are stale", async () => {
  const [owner, reader] = [fakeService("owner"), fakeService("reader")];
  owner.world.state = { todo: [], roles: { primary: ["x-2"] } };
  const seen: (readonly string[] | undefined)[] = [];
  reader.world.observe = async (ctx) => {
    seen.push(ctx.roles.holders("primary"));
    return { todo: [] };
  };
  await start([owner, reader]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(seen.at(-1)).toEqual(["x-2"]);
  owner.world.observe = async () => {
    throw new Error("gone");
  };
  await vi.advanceTimersByTimeAsync(testTiming.staleMs + testTiming.calmMs);
  expect(seen.at(-1)).toBeUndefined();
});

test("an instance that cannot be read is unseen since the first observation that missed it", async () => {
  const [owner, reader] = [fakeService("owner"), fakeService("reader")];
  let since: number | undefined;
  reader.world.observe = async (ctx) => {
    since = ctx.roles.unseenSince("x-1");
    return { todo: [] };
  };
  await start([owner, reader]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(since).toBeUndefined();
  owner.world.state = { todo: [], unseen: ["x-1"] };
  await vi.advanceTimersByTimeAsync(4_000);
  const first = since;
  expect(first).toBeGreaterThan(Date.now() - 4_000);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(since).toBe(first);
  owner.world.state = { todo: [] };
  await vi.advanceTimersByTimeAsync(4_000);
  expect(since).toBeUndefined();
});

test("a service that fails over by itself is looked at less often while all is well, and stays converged", async () => {
  const [one, self] = [fakeService("one"), fakeService("self", { failsOverItself: true })];
  const { loop } = await start([one, self]);
  await vi.advanceTimersByTimeAsync(2 * testTiming.tendMs + 10);
  expect([one.world.observations, self.world.observations]).toEqual([6, 3]);
  for (let i = 0; i < 10; i += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    expect(statusOf(loop, "self").converged).toBe(true);
  }
  self.world.state = { todo: [], ok: false };
  await vi.advanceTimersByTimeAsync(testTiming.tendMs);
  const before = self.world.observations;
  await vi.advanceTimersByTimeAsync(5 * testTiming.unsettledMs);
  expect(self.world.observations - before).toBe(5);
});

test("without the lease it observes and does not act", async () => {
  const one = fakeService("one");
  one.world.state = { todo: [action("a")] };
  let held = false;
  const { loop } = await start([one], { ...alwaysHeld, held: () => held, acquire: async () => held });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(one.world.acts).toEqual([]);
  expect(one.world.observations).toBeGreaterThan(2);
  expect(statusOf(loop, "one").pending).toMatchObject([{ kind: "a", phase: "held" }]);
  held = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(one.world.acts).toEqual(["a"]);
});

test("grounds that grew old during an earlier action are looked at again", async () => {
  const one = fakeService("one");
  one.world.state = { todo: [action("slow"), action("b")] };
  const act = one.world.act;
  one.world.act = async (ctx, what) => {
    if (what.kind === "slow") await new Promise((resolve) => setTimeout(resolve, 20_000));
    await act(ctx, what);
    // What made `b` necessary is gone meanwhile.
    if (what.kind === "slow") one.world.state = { todo: [] };
  };
  await start([one]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(one.world.acts).toEqual(["slow"]);
});

test("settled waits for an observation newer than the question", async () => {
  const one = fakeService("one");
  const { loop } = await start([one]);
  await vi.advanceTimersByTimeAsync(100);
  const before = one.world.observations;
  const asked = loop.settled("one", 5_000);
  await vi.advanceTimersByTimeAsync(10);
  await expect(asked).resolves.toBe(true);
  expect(one.world.observations).toBe(before + 1);

  one.world.state = { todo: [], ok: false };
  const unwell = loop.settled("one", 5_000);
  await vi.advanceTimersByTimeAsync(6_000);
  await expect(unwell).resolves.toBe(false);
  await expect(loop.settled("absent", 10)).resolves.toBe(false);
});

test("a changed mall starts and ends loops, and the rest goes on with the new spec", async () => {
  const [one, two] = [fakeService("one"), fakeService("two")];
  const { loop } = await start([one, two]);
  const sizes: unknown[] = [];
  one.world.observe = async (ctx) => {
    sizes.push(ctx.spec);
    return { todo: [] };
  };
  const mall = mallOf("one");
  const applied = loop.apply({ ...mall, services: { one: { size: 7 } } });
  await vi.advanceTimersByTimeAsync(10);
  await applied;
  expect(loop.status().services.map((s) => s.service)).toEqual(["one"]);
  expect(sizes.at(-1)).toEqual({ size: 7 });
  const after = two.world.observations;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(two.world.observations).toBe(after);
});

test("a service that comes back while its last action still runs waits for that one", async () => {
  const [one, two] = [fakeService("one"), fakeService("two")];
  one.world.state = { todo: [action("slow")] };
  let finish = () => {};
  // It does not heed the signal that tells it to stop.
  one.world.act = () => new Promise<void>((resolve) => (finish = resolve));
  const { loop } = await start([one, two]);
  await vi.advanceTimersByTimeAsync(100);
  const changed = loop.apply(mallOf("two")).then(() => loop.apply(mallOf("one", "two")));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(one.world.acts).toEqual(["slow"]);
  finish();
  await changed;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(one.world.acts).toEqual(["slow", "slow"]);
  expect(one.world.overlap).toBe(1);
  finish();
});

test("a service that this target does without has no loop", async () => {
  const one = fakeService("one");
  const only = { name: "one", instances: [], ports: [], onlyOn: "compose" } as unknown as Workload;
  const compose: AnyService = {
    ...one.service,
    plan: () => ({ service: "one", workloads: [only], routes: [], credentials: [] }),
  };
  for (const target of ["compose", "kubernetes"] as const) {
    const { loop } = rig([compose], alwaysHeld, target);
    open.push(loop);
    await loop.apply(mallOf("one"));
    expect(loop.status().services.map((s) => s.service)).toEqual(target === "compose" ? ["one"] : []);
  }
});

test("a mall that cannot be planned leaves the former one in force and is said", async () => {
  const one = fakeService("one");
  const { loop } = await start([one]);
  await vi.advanceTimersByTimeAsync(100);
  loop.refused("cut short");
  expect(loop.status()).toMatchObject({ converged: false, configError: "cut short" });
  expect(statusOf(loop, "one").converged).toBe(true);
});
