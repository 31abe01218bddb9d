/** A service made of data, and a loop around it with a clock that the test moves. For tests only. */
import { z } from "zod";
import { type ActionBase, type AnyService, type Ctx, defineService } from "../../services/service.ts";
import type { Mall } from "../../spec/mall.ts";
import type { NewEvent } from "../events.ts";
import type { Lease } from "../lease.ts";
import { createLoop, type Loop } from "../loop.ts";
import { createMetrics } from "../metrics.ts";
import type { Timing } from "../timing.ts";

export interface FakeState {
  readonly todo: readonly ActionBase[];
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  readonly unseen?: readonly string[];
  readonly ok?: boolean;
}

export interface FakeWorld {
  state: FakeState;
  observe: (ctx: Ctx) => Promise<FakeState>;
  act: (ctx: Ctx, action: ActionBase) => Promise<void>;
  /** How many acts ran at once at the worst moment. */
  overlap: number;
  observations: number;
  readonly acts: string[];
}

export const action = (kind: string, target = "x-1"): ActionBase => ({ kind, target, why: "because" });

/** `act` removes the action from what is to do, unless the test puts something else there. */
export function fakeService(
  name: string,
  more: { readonly failsOverItself?: true } = {},
): { readonly service: AnyService; readonly world: FakeWorld } {
  let inHand = 0;
  const world: FakeWorld = {
    state: { todo: [] },
    observe: async () => world.state,
    act: async (_ctx, done) => {
      world.state = { ...world.state, todo: world.state.todo.filter((a) => a.kind !== done.kind) };
    },
    overlap: 0,
    observations: 0,
    acts: [],
  };
  const service = defineService<{ readonly size: number }, FakeState, ActionBase>({
    name,
    title: { en: name, zh: name },
    spec: z.object({ size: z.number() }),
    profiles: { small: {}, standard: {}, production: {} },
    needs: [],
    images: [],
    ruleIds: [],
    rules: () => [],
    plan: () => ({ service: name, workloads: [], routes: [], credentials: [] }),
    observe: (ctx) => {
      world.observations += 1;
      return world.observe(ctx);
    },
    decide: (_spec, state) => state.todo,
    act: async (ctx, what) => {
      world.acts.push(what.kind);
      inHand += 1;
      world.overlap = Math.max(world.overlap, inHand);
      try {
        await world.act(ctx, what);
      } finally {
        inHand -= 1;
      }
    },
    roles: (_spec, state) => state.roles ?? {},
    unseen: (_spec, state) => state.unseen ?? [],
    summary: (_spec, state) => ({ ok: state.ok ?? true, text: { en: "fine", zh: "正常" } }),
    checks: [],
    rollout: () => [],
    ...more,
  });
  return { service, world };
}

export const mallOf = (...names: readonly string[]): Mall => ({
  site: {
    name: "test",
    profile: "small",
    bind: "127.0.0.1",
    portBase: 13000,
    accept: [],
    images: {},
    mirrors: {},
  },
  services: Object.fromEntries(names.map((n) => [n, { size: 1 }])),
});

export const testTiming: Timing = {
  afterActionMs: 250,
  unsettledMs: 1_000,
  calmMs: 2_000,
  tendMs: 5_000,
  observeTimeoutMs: 10_000,
  actTimeoutMs: 300_000,
  backoffFirstMs: 1_000,
  backoffCapMs: 30_000,
  staleMs: 6_000,
};

export const alwaysHeld: Lease = {
  acquire: async () => true,
  held: () => true,
  release: async () => {},
};

export interface Rig {
  readonly loop: Loop;
  readonly events: NewEvent[];
}

export function rig(
  registry: readonly AnyService[],
  lease: Lease = alwaysHeld,
  target: "compose" | "kubernetes" = "compose",
): Rig {
  const events: NewEvent[] = [];
  const loop = createLoop({
    registry,
    target,
    net: () => ({
      address: () => ({ host: "", port: 0, serverName: "" }),
      route: () => ({ host: "", port: 0, serverName: "" }),
      resolve: async () => [],
    }),
    secrets: {
      value: async () => "",
      previous: async () => undefined,
      identity: async () => ({ ca: "", cert: "", key: "" }),
      fingerprint: async () => undefined,
    },
    lease,
    metrics: createMetrics(),
    record: (event) => events.push(event),
    log: () => {},
    timing: testTiming,
    now: Date.now,
  });
  return { loop, events };
}
