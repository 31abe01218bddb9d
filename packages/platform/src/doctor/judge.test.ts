import { expect, test } from "vitest";
import type { Demand, HostFacts } from "./facts.ts";
import { diagnose } from "./judge.ts";
import { notBefore } from "./judge-kernel.ts";

const GiB = 2 ** 30;
const well: HostFacts = {
  cores: 4,
  memory: { totalBytes: 16 * GiB, availableBytes: 12 * GiB, swapBytes: 0 },
  disks: [{ path: "/var/lib", totalBytes: 100 * GiB, freeBytes: 50 * GiB }],
  fileLimit: 1_048_576,
  hugePages: "madvise",
  maxMapCount: 65_530,
  overcommit: 1,
  clock: { now: notBefore + 86_400_000, apartMs: 0.3, synchronized: true },
  kernel: "6.1.0-44-amd64",
  cgroups: { version: "2", controllers: ["cpu", "io", "memory", "pids"] },
  engine: {
    kind: "running",
    own: false,
    host: "unix:///var/run/docker.sock",
    apiVersion: "1.51",
    version: "28.5.2",
    remote: false,
  },
  bindHere: true,
  taken: [],
};
const demand: Demand = {
  mall: "mall",
  bind: "127.0.0.1",
  plannedBytes: 3 * GiB,
  memoryAccepted: false,
  files: 10_000,
  maps: 0,
  ports: 9,
  running: 0,
};
const health = (id: string, facts: Partial<HostFacts>, asked: Partial<Demand> = {}) => {
  const found = diagnose({ ...well, ...facts }, { ...demand, ...asked }).find((d) => d.id === id);
  return found?.health;
};

test("a machine as it should be", () => {
  const found = diagnose(well, demand);
  expect(found.filter((d) => d.health !== "ok")).toEqual([]);
  expect(found.map((d) => d.id)).toMatchSnapshot();
});

type Case = readonly [
  id: string,
  what: string,
  facts: Partial<HostFacts>,
  asked: Partial<Demand>,
  expected: string,
];
const memory = (total: number, available: number) => ({
  memory: { totalBytes: total * GiB, availableBytes: available * GiB, swapBytes: 0 },
});
const disk = (...free: number[]) => ({
  disks: free.map((f, i) => ({ path: `/d${i}`, totalBytes: 100 * GiB, freeBytes: f * GiB })),
});
const clock = (change: Partial<HostFacts["clock"]>) => ({ clock: { ...well.clock, ...change } });
const engine = (e: HostFacts["engine"]) => ({ engine: e });

test.each<Case>([
  ["memory", "less than the limits add up to", memory(2, 2), {}, "fail"],
  ["memory", "the same, taken knowingly", memory(2, 2), { memoryAccepted: true }, "warn"],
  ["memory", "taken by other programs", memory(16, 2), {}, "warn"],
  ["memory", "taken by this mall itself", memory(16, 2), { running: 9 }, "ok"],
  ["memory", "unreadable", { memory: undefined }, {}, "warn"],
  ["cores", "one", { cores: 1 }, {}, "warn"],
  ["disk", "nearly full", disk(0.5), {}, "fail"],
  ["disk", "too little for a first up", disk(2), {}, "warn"],
  ["disk", "the second one full", disk(50, 0.5), {}, "fail"],
  ["file-limit", "below what a server asks for", { fileLimit: 4096 }, {}, "warn"],
  ["huge-pages", "always", { hugePages: "always" }, {}, "warn"],
  ["huge-pages", "never", { hugePages: "never" }, {}, "ok"],
  ["huge-pages", "not built in", { hugePages: undefined }, {}, "ok"],
  ["map-count", "lowered", { maxMapCount: 1000 }, {}, "warn"],
  [
    "map-count",
    "the kernel's own, and a server that asks for more",
    { maxMapCount: 65_530 },
    { maps: 262_144 },
    "warn",
  ],
  ["map-count", "as many as a server asks for", { maxMapCount: 262_144 }, { maps: 262_144 }, "ok"],
  ["overcommit", "heuristic", { overcommit: 0 }, {}, "warn"],
  ["overcommit", "strict", { overcommit: 2 }, {}, "warn"],
  ["clock", "in the past", clock({ now: 0 }), {}, "fail"],
  ["clock", "jumping", clock({ apartMs: -300 }), {}, "warn"],
  ["clock", "not synchronized", clock({ synchronized: false }), {}, "warn"],
  ["clock", "nobody to ask", clock({ synchronized: undefined }), {}, "warn"],
  ["ports", "taken", { taken: [{ port: 13_306, wanted: "x", holder: "nc (pid 7)" }] }, {}, "fail"],
  ["ports", "another machine's address", { bindHere: false }, {}, "fail"],
  ["engine", "none, and it can be started", engine({ kind: "absent", canStart: true }), {}, "ok"],
  ["engine", "none, and it cannot", engine({ kind: "absent", canStart: false }), {}, "fail"],
  ["engine", "unusable", engine({ kind: "unusable", reason: "its API is 1.30" }), {}, "fail"],
  ["kernel", "too old", { kernel: "3.10.0-1160.el7" }, {}, "fail"],
  ["cgroups", "without memory", { cgroups: { version: "2", controllers: ["cpu", "pids"] } }, {}, "warn"],
  ["cgroups", "none", { cgroups: undefined }, {}, "fail"],
])("%s: %s", (id, _what, facts, asked, expected) => {
  expect(health(id, facts, asked)).toBe(expected);
});

test("whatever is not well says what to do, in both languages", () => {
  const bad: HostFacts = {
    ...well,
    ...memory(1, 1),
    ...disk(0.1),
    ...clock({ now: 0 }),
    cores: 1,
    fileLimit: 10,
    hugePages: "always",
    maxMapCount: 10,
    overcommit: 2,
    kernel: "2.6.32",
    cgroups: undefined,
    engine: { kind: "absent", canStart: false },
    taken: [{ port: 13_306, wanted: "x", holder: undefined }],
  };
  for (const found of diagnose(bad, demand)) {
    expect(found.health, found.id).not.toBe("ok");
    expect(found.fix?.en, found.id).toBeTruthy();
    expect(found.fix?.zh, found.id).toMatch(/[\u4E00-\u9FFF]/);
  }
});

test("an engine elsewhere: its machine is to be looked at there", () => {
  const found = diagnose(
    {
      ...well,
      engine: {
        kind: "running",
        own: false,
        host: "tcp://10.0.0.9:2376",
        apiVersion: "1.51",
        version: "28",
        remote: true,
      },
    },
    demand,
  ).find((d) => d.id === "engine");
  expect(found).toMatchObject({ health: "warn" });
  expect(found?.fix?.en).toContain("run the doctor there");
});
