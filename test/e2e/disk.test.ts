/**
 * The disk of the state directory runs full: before a mall is made, while it runs, while an image is built. It is a
 * small file system of its own here, so that neither the machine nor the engine's data runs out of anything.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { ensureImages } from "../../packages/platform/src/engine/images/ensure.ts";
import { readRecords } from "../../packages/platform/src/engine/images/record.ts";
import { exitCodes } from "../../packages/platform/src/errors.ts";
import type { Progress } from "../../packages/platform/src/progress.ts";
import { containersOf } from "../../packages/platform/src/targets/compose/containers.ts";
import type { UpResult } from "../../packages/platform/src/targets/compose/up.ts";
import { servicesOnly } from "../support/left-out.ts";
import { type MallCommand, mallCommand, type Ran } from "../support/mall-command.ts";
import { repositoryRoot } from "../support/ready-images.ts";
import { type SmallDisk, smallDisk } from "../support/small-disk.ts";

/** A mall's state is some hundred KiB, but below 1 GiB the doctor calls a disk too small when it is empty too. */
const sizeMiB = 1_280;
const name = "e2e-disk";
/** A mall of one service, as quick as can be: what is tested here is no service's. */
const only = "redis";
const spec = (more: string) => mall.spec(servicesOnly([only], more));
let engine: Engine;
let folder: string;
let disk: SmallDisk;
const savedHome = process.env.MALL_HOME;
let mall: MallCommand;

const diskHealth = async (): Promise<string | undefined> => {
  const { diagnoses } = JSON.parse((await mall.run("doctor", "--json")).stdout) as {
    readonly diagnoses: readonly { readonly id: string; readonly health: string }[];
  };
  return diagnoses.find((one) => one.id === "disk")?.health;
};

const containers = async (): Promise<readonly string[]> =>
  [...(await containersOf(engine, name)).values()].map((one) => `${one.id} ${one.startedAt}`).sort();

function refused(ran: Ran, code: string): void {
  expect(`${ran.stdout}${ran.stderr}`).toContain(code);
  expect(`${ran.stdout}${ran.stderr}`).toContain("ENOSPC");
  expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(exitCodes.machine);
}

beforeAll(async () => {
  engine = await ensureEngine();
  folder = await mkdtemp(join(tmpdir(), "mall-disk-"));
  disk = await smallDisk(engine, folder, sizeMiB);
  mall = await mallCommand(name, 24_300, { ...engine.env, MALL_HOME: disk.path });
  await spec("");
}, 300_000);

afterAll(async () => {
  await disk.free();
  await mall.close();
  await disk.close();
  await rm(folder, { recursive: true, force: true });
}, 300_000);

test("a first up without space says so and makes nothing; with space it goes on", async () => {
  await disk.fill();
  refused(await mall.run("up"), "STATE_UNWRITABLE");
  expect(await containers()).toEqual([]);
  await disk.free();
  await mall.json<UpResult>("up");
  expect((await mall.run("redis", "--", "SET", "kept", "yes")).stdout).toBe("OK");
}, 300_000);

test("a mall that runs goes on; what would change it says so and changes nothing", async () => {
  const before = await containers();
  expect(await diskHealth()).not.toBe("fail");
  await disk.fill();
  expect((await mall.run("redis", "--", "SET", "while-full", "yes")).stdout).toBe("OK");
  expect((await mall.run("redis", "--", "GET", "kept")).stdout).toBe("yes");
  await expect.poll(() => mall.answer("status"), { timeout: 60_000 }).toMatch(/^exit code 0\n/);
  expect(await diskHealth()).toBe("fail");

  await spec("  redis:\n    memory: 288Mi\n");
  refused(await mall.run("up"), "STATE_UNWRITABLE");
  await spec("");
  refused(await mall.run("certs", "rotate"), "STATE_UNWRITABLE");
  refused(await mall.run("secrets", "rotate", "redis.default"), "STATE_UNWRITABLE");
  expect(await containers()).toEqual(before);

  await disk.free();
  expect((await mall.json<UpResult>("up")).difference.changes).toEqual([]);
  await mall.json("certs", "rotate");
  expect(await containers()).toEqual(before);
  for (const key of ["kept", "while-full"])
    expect((await mall.run("redis", "--", "GET", key)).stdout).toBe("yes");
}, 300_000);

test("an image that is built meanwhile is not recorded; with space its next build takes what was done", async () => {
  const root = join(folder, "clone");
  for (const part of ["images", ".dockerignore"])
    await cp(join(repositoryRoot, part), join(root, part), { recursive: true });
  const entrypoint = join(root, "images/haproxy/entrypoint");
  await writeFile(entrypoint, `${await readFile(entrypoint, "utf8")}# ${folder}\n`);
  const options = { root, folder: join(disk.path, "clone") };
  await mkdir(options.folder);
  await mkdir(join(disk.path, "log"), { recursive: true });
  /** Full when the build has begun. */
  const filling: Progress = {
    async task(_title, work) {
      await disk.fill();
      return work(() => {});
    },
  };
  process.env.MALL_HOME = disk.path;
  try {
    await expect(ensureImages(engine, ["haproxy"], { ...options, progress: filling })).rejects.toMatchObject({
      code: "STATE_UNWRITABLE",
      exit: "machine",
    });
    await disk.free();
    expect(await readRecords(options.folder)).toEqual({});
    const images = await ensureImages(engine, ["haproxy"], options);
    const tag = images.get("haproxy")?.tag ?? "";
    expect((await readRecords(options.folder)).haproxy?.current.tag).toBe(tag);
    await engine.docker(["rmi", tag]);
  } finally {
    if (savedHome === undefined) delete process.env.MALL_HOME;
    else process.env.MALL_HOME = savedHome;
  }
}, 300_000);
