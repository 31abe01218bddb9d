import { expect, test } from "vitest";
import type { InstanceChange } from "../service.ts";
import { needsExclusion } from "./act.ts";
import { rolloutElasticsearch } from "./rollout.ts";
import { elasticsearchSpec } from "./spec.ts";
import { instances, nodeUp, well, withCluster } from "./testing/states.ts";

const spec = elasticsearchSpec.parse({});
const change = (instance: string, apply: InstanceChange["apply"] = "recreate"): InstanceChange => ({
  instance,
  apply,
  what: ["image"],
});
const all = instances.map((instance) => change(instance));
const order = (state: Parameters<typeof rolloutElasticsearch>[1]) =>
  rolloutElasticsearch(spec, state, all).map((s) => s.instance);

test("one at a time, the master last, each prepared and each until the cluster is whole", () => {
  const steps = rolloutElasticsearch(spec, well, all);
  expect(steps.map((s) => s.instance)).toEqual(["elasticsearch-3", "elasticsearch-2", "elasticsearch-1"]);
  for (const step of steps)
    expect(step).toMatchObject({
      action: "recreate",
      until: "converged",
      prepare: { kind: "prepare-restart", target: step.instance },
    });
  expect(order(withCluster({ master: "elasticsearch-3" }))).toEqual([
    "elasticsearch-2",
    "elasticsearch-1",
    "elasticsearch-3",
  ]);
});

test("what does not answer goes first, and without an observation there is an order all the same", () => {
  const away = { instance: "elasticsearch-2", up: false, kind: "unreachable", error: "gone" } as const;
  expect(order({ ...well, nodes: [nodeUp(1), away, nodeUp(3)] })[0]).toBe("elasticsearch-2");
  expect(order(undefined)).toEqual(["elasticsearch-3", "elasticsearch-2", "elasticsearch-1"]);
});

test("a change that the agent makes restarts nothing; a reload is a restart", () => {
  expect(rolloutElasticsearch(spec, well, [change("elasticsearch-1", "live")])).toEqual([]);
  expect(rolloutElasticsearch(spec, well, [change("elasticsearch-1", "reload")])[0]?.action).toBe("restart");
});

test("a vote goes to the other node only where two vote", () => {
  const node = ["master", "data", "ingest"];
  const two = elasticsearchSpec.parse({ roles: [node, node, ["data"]] });
  expect(instances.map((i) => needsExclusion(two, instances, i))).toEqual([true, true, false]);
  expect(instances.map((i) => needsExclusion(spec, instances, i))).toEqual([false, false, false]);
});
