/** Everything of the plan's defaults in one mall, as a new user meets it: up, proven, down and up again with its data. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { services } from "../../packages/platform/src/services/registry.ts";
import { containersOf } from "../../packages/platform/src/targets/compose/containers.ts";
import type { UpResult } from "../../packages/platform/src/targets/compose/up.ts";
import { type MallCommand, mallCommand } from "../support/mall-command.ts";
import { commandsOf, readme, wordsOf } from "../support/readme.ts";
import { isTakenOver, wholeMall } from "../support/whole-mall.ts";

interface Verified {
  readonly ok: boolean;
  readonly totals: Readonly<Record<string, number>>;
  readonly groups: readonly {
    readonly service: string;
    readonly reports: readonly { readonly id: string; readonly verdict: string; readonly detail: object }[];
  }[];
}

let mall: MallCommand;
const figures: string[] = [];

const up = async (what: string): Promise<UpResult> => {
  const result = await mall.json<UpResult & { readonly seconds: number }>("up");
  const phases = Object.entries(result.phases).map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)}`);
  figures.push(`${what}: ${result.seconds.toFixed(1)} s (${phases.join(", ")})`);
  return result;
};

/** Nothing fails, and every service has shown something. */
async function verified(): Promise<void> {
  const ran = await mall.run("verify", "--json");
  const result = JSON.parse(ran.stdout) as Verified;
  figures.push(`verify: ${ran.seconds.toFixed(1)} s (${JSON.stringify(result.totals)})`);
  const reports = result.groups.flatMap((group) => group.reports);
  const failed = reports
    .filter((one) => one.verdict === "fail")
    .map((one) => `${one.id}: ${JSON.stringify(one.detail)}`);
  // In the message too: the difference that is printed leaves out what is long, and it is all that a run elsewhere leaves.
  expect(failed, failed.join("\n")).toEqual([]);
  for (const { name } of services.filter((service) => service.infrastructure !== true)) {
    const own = result.groups.find((group) => group.service === name)?.reports ?? [];
    expect(
      own.map((one) => one.verdict),
      name,
    ).toContain("pass");
  }
}

beforeAll(async () => {
  mall = await mallCommand(wholeMall.name, wholeMall.portBase);
  await mall.run("down", "--volumes", "--yes");
}, 300_000);

afterAll(async () => {
  console.log(figures.join("\n"));
  if (!isTakenOver) await mall.close();
}, 300_000);

test("all services from empty volumes, and every check holds", async () => {
  await up("up, volumes empty");
  await verified();
}, 1_200_000);

test("up again changes nothing", async () => {
  expect(await up("up with nothing to do")).toMatchObject({ unchanged: true });
}, 180_000);

// `up`, `verify`, `down` and `test` are what this file and its runner are, the storefront's and the demo have suites of
// their own, and `spec init` would refuse this file's mall.yaml; the unit tests run it.
const elsewhere = /^\.\/mall (up|verify|down|test|storefront .*|live demo|spec init)$/;
const shown = commandsOf(readme("README.md")).filter((command) => !elsewhere.test(command));
test.each(shown)(
  "the README's %s does what it says",
  async (command) => {
    const ran = await mall.run(...wordsOf(command));
    expect(ran.code, `${ran.stderr}\n${ran.stdout.slice(-4_000)}`).toBe(0);
    expect(ran.stdout).not.toBe("");
  },
  300_000,
);

test("down and up keep the data, and every check holds again", async () => {
  const words = ["s3", "--", "ls", "mall"] as const;
  const before = (await mall.run(...words)).stdout;
  expect(before).toContain("products/");
  await mall.json("down");
  expect((await containersOf(await ensureEngine(), mall.name)).size).toBe(0);
  await up("up with data");
  await verified();
  expect((await mall.run(...words)).stdout).toBe(before);
}, 600_000);
