import { describe, expect, it } from "vitest";
import { storeInstance, storePlan } from "../../../../../test/fixtures/plan.ts";
import type { Instance, MallPlan } from "../../plan/model.ts";
import { compareRunning, isEmpty } from "./compare.ts";
import type { RunningContainer } from "./containers.ts";
import { renderCompose } from "./render.ts";

const render = (plan: MallPlan) =>
  renderCompose({ plan, bind: "127.0.0.1", images: {}, mallId: "id", maxFiles: 1000 }).definitions;

const container = (
  instance: string,
  definition: string,
  change: Partial<RunningContainer> = {},
): RunningContainer => ({
  id: instance,
  name: `mall-test-${instance}`,
  instance,
  service: "store",
  definition,
  mallId: "id",
  stopsFirst: false,
  image: "mallstack/store:latest",
  status: "running",
  health: "healthy",
  startedAt: "2026-01-01T00:00:00Z",
  oomKilled: false,
  exitCode: 0,
  restarts: 0,
  ipAddress: "10.0.0.2",
  ...change,
});

const plan = storePlan([storeInstance(1), storeInstance(2)]);
const definitions = render(plan);
const running = new Map([...definitions].map(([name, made]) => [name, container(name, made)]));

describe("compareRunning", () => {
  it("finds nothing to do on a mall that is as it should be", () => {
    const difference = compareRunning(plan, definitions, running, plan);
    expect(difference).toEqual({ missing: [], stopped: [], surplus: [], changes: [] });
    expect(isEmpty(difference)).toBe(true);
  });

  it("makes what is missing, starts what is stopped, names what is too much", () => {
    const some = new Map(running);
    some.delete("store-1");
    some.set("store-2", container("store-2", definitions.get("store-2") ?? "", { status: "exited" }));
    some.set("old-1", container("old-1", "x"));
    const difference = compareRunning(plan, definitions, some, plan);
    expect(difference).toEqual({
      missing: ["store-1"],
      stopped: ["store-2"],
      surplus: ["old-1"],
      changes: [],
    });
  });

  it("asks for a new container where a setting that only a start reads has changed", () => {
    const next = storePlan([storeInstance(1, { pool: "128" }), storeInstance(2)]);
    const { changes } = compareRunning(next, render(next), running, plan);
    expect(changes).toEqual([{ instance: "store-1", apply: "recreate", what: ["definition"] }]);
  });

  it("asks for a reload or for nothing but the agent where that is enough", () => {
    const changed: Instance = {
      ...storeInstance(1),
      files: [
        {
          format: "directives",
          path: "store.conf",
          settings: [
            { key: "pool", value: "64", apply: "restart" },
            { key: "verbose", value: "yes", apply: "live" },
          ],
        },
        { format: "text", path: "rules.txt", content: "allow none\n", apply: "reload" },
      ],
    };
    const next = storePlan([changed, storeInstance(2)]);
    expect(render(next)).toEqual(definitions);
    const { changes } = compareRunning(next, render(next), running, plan);
    expect(changes.map((c) => [c.instance, c.apply])).toEqual([
      ["store-1", "reload"],
      ["store-1", "live"],
    ]);
  });

  it("reloads once too often rather than never when the first up was cut short", () => {
    const { changes } = compareRunning(plan, definitions, running, undefined);
    expect(new Set(changes.map((c) => c.apply))).toEqual(new Set(["reload", "live"]));
  });
});
