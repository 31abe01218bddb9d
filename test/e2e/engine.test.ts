/**
 * The private engine itself, beside whatever else runs on this machine: in a state folder of its own. Needs root on
 * Debian or Ubuntu, as the private engine does.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ensureBase } from "../../packages/platform/src/engine/base-image.ts";
import { engineStatus, stopEngine } from "../../packages/platform/src/engine/command.ts";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine, findEngine } from "../../packages/platform/src/engine/find.ts";
import { type Layout, layoutOf } from "../../packages/platform/src/engine/private/layout.ts";
import { engineProcesses, signalTo, waitGone } from "../../packages/platform/src/engine/private/processes.ts";
import { libraryEnv } from "../../packages/platform/src/engine/private/unpack.ts";
import { run } from "../../packages/platform/src/engine/run.ts";
import { fastest } from "../support/fastest.ts";
import { type HostState, hostState } from "../support/host-state.ts";

/** On a machine that does much else; alone the longest takes 20 s. */
vi.setConfig({ testTimeout: 300_000 });

let folder: string;
const saved = { ...process.env };
const ports = { first: 0, second: 0 };
const seconds: Record<string, number> = {};

/** Each mall has its own engine; which one is meant is MALL_HOME, as for a user. */
function useHome(name: string): Layout {
  process.env.MALL_HOME = join(folder, name);
  return layoutOf();
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  seconds[what] = Number(((performance.now() - started) / 1000).toFixed(3));
  return result;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-engine-"));
  process.env.MALL_ENGINE = "private";
  Object.assign(ports, { first: await freePort(), second: await freePort() });
  for (const name of ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"]) delete process.env[name];
});
afterAll(async () => {
  for (const name of ["first", "second", "killed", "crashed"]) {
    useHome(name);
    await stopEngine({ purge: true });
  }
  process.env = saved;
  await rm(folder, { recursive: true, force: true });
  console.log(`engine, seconds: ${JSON.stringify(seconds)}`);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

/** What is unpacked of packages, so that another engine of this suite need not fetch it again. */
async function copyPrograms(from: Layout, to: Layout): Promise<void> {
  await mkdir(to.home, { recursive: true });
  for (const name of ["tools", "bin", "sbin", "cli"]) {
    await cp(join(from.home, name), join(to.home, name), { recursive: true, verbatimSymlinks: true });
  }
}

/** An image of one static program, so that these tests wait for no base image where they need none. */
async function importBusybox(engine: Engine): Promise<string> {
  const tools = join(layoutOf().tools, "daemon/bin");
  const tar = join(folder, "busybox.tar");
  await run("tar", ["-C", tools, "-cf", tar, "busybox"]);
  await engine.docker(["import", tar, "engine-test/busybox"]);
  return "engine-test/busybox";
}

const startedAt = (engine: Engine, name: string) =>
  engine.docker(["inspect", "--format", "{{.State.Running}} {{.State.StartedAt}}", name]);

/** Serves one line on a port of the loopback; `answers` reads it through the published port. */
const serve = (port: number, words: string) => [
  ...[
    "run",
    "--detach",
    "--restart",
    "unless-stopped",
    "--publish",
    `127.0.0.1:${port}:80`,
    "--stop-timeout",
    "1",
  ],
  ...["engine-test/busybox", "/busybox", "nc", "-ll", "-p", "80", "-e", "/busybox", "echo", words],
];
async function answers(port: number): Promise<string> {
  const shell = `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`;
  const result = await run("bash", ["-c", shell], { timeoutMs: 20_000 });
  return result.stdout.trim();
}

describe("one engine", () => {
  let engine: Engine;

  test("is made from nothing and answers", async () => {
    useHome("first");
    expect(await findEngine()).toBeUndefined();
    engine = await timed("cold start", () => ensureEngine());
    expect(engine.kind).toBe("private");
    expect((await engineStatus()).private).toMatchObject({ state: "running", containers: 0 });
    expect(await engine.docker(["compose", "version", "--short"])).toMatch(/^v?2\./);
    expect(await engine.docker(["buildx", "version"])).toContain("buildx");
  });

  test("is found again within 100 ms", async () => {
    seconds.warm = (await fastest(() => ensureEngine())) / 1000;
    expect(seconds.warm).toBeLessThan(0.1);
  });

  test("makes a base image whose containers reach the network by name and by NAT", async () => {
    const base = await timed("base image bullseye", () => ensureBase(engine, "bullseye"));
    expect(base.reference).toBe("mallstack/base:bullseye");
    const update = await engine.docker(["run", "--rm", base.reference, "apt-get", "update"], {
      timeoutMs: 200_000,
    });
    expect(update).toContain("bullseye");
    await engine.docker(["rmi", base.reference]);
    const again = await timed("base image from the kept tar", () => ensureBase(engine, "bullseye"));
    expect(again.reference).toBe(base.reference);
  });

  test("keeps containers and their ports when dockerd is killed, and takes them over again", async () => {
    const layout = useHome("first");
    await importBusybox(engine);
    const name = (await engine.docker(serve(ports.first, "first"))).slice(0, 12);
    const before = await startedAt(engine, name);
    const { dockerd } = await engineProcesses(layout);
    await Promise.all(dockerd.map((each) => signalTo(each, "SIGKILL")));
    expect(await waitGone(dockerd, 30_000)).toEqual([]);
    engine = await timed("restart after a crash", () => ensureEngine());
    expect(await startedAt(engine, name)).toBe(before);
    await expect.poll(() => answers(ports.first), { timeout: 60_000 }).toBe("first");
  });

  test("starts again after a stop, with the containers that ran", async () => {
    const layout = useHome("first");
    const stopped = await timed("stop", () => stopEngine());
    expect(stopped).toMatchObject({ wasRunning: true, purged: false });
    const left = await engineProcesses(layout);
    expect(Object.values(left).flat()).toEqual([]);
    expect(await answers(ports.first)).toBe("");
    expect((await engineStatus()).private.state).toBe("stopped");
    engine = await timed("start", () => ensureEngine());
    await expect.poll(() => answers(ports.first), { timeout: 60_000 }).toBe("first");
  });
});

describe("two engines on one host", () => {
  test("do not disturb each other, whichever starts or stops", async () => {
    const first = useHome("first");
    const second = useHome("second");
    await copyPrograms(first, second);
    const other = await ensureEngine();
    await importBusybox(other);
    await other.docker(serve(ports.second, "second"));
    await expect.poll(() => answers(ports.second), { timeout: 60_000 }).toBe("second");
    const ranges = await Promise.all([first, second].map(({ range }) => readFile(range, "utf8")));
    expect(ranges[0]).not.toBe(ranges[1]);

    useHome("first");
    const engine = await ensureEngine();
    const update = ["run", "--rm", "mallstack/base:bullseye", "apt-get", "update"];
    expect(await answers(ports.first)).toBe("first");
    expect(await engine.docker(update, { timeoutMs: 200_000 })).toContain("bullseye");

    useHome("second");
    const stopped = await timed("stop and purge", () => stopEngine({ purge: true }));
    expect(stopped.host.others).toContain(first.home);
    useHome("first");
    expect(await answers(ports.first)).toBe("first");
    expect(await engine.docker(update, { timeoutMs: 200_000 })).toContain("bullseye");
  });

  test("leave no trace of their own when purged", async () => {
    const layout = useHome("first");
    const nft = { program: join(folder, "nft"), env: await libraryEnv(join(folder, "daemon")) };
    await cp(join(layout.tools, "daemon"), join(folder, "daemon"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    await cp(join(folder, "daemon/usr/sbin/nft"), nft.program);
    const env = await libraryEnv(join(folder, "daemon"));
    const { range } = JSON.parse(await readFile(layout.range, "utf8")) as { range: string };
    const prefix = range.split(".").slice(0, 2).join(".");
    const traces = async () => {
      const state = await hostState({ program: nft.program, env });
      return Object.values(state)
        .flat()
        .filter(
          (line) => line.includes(layout.id) || line.includes(`${prefix}.`) || line.includes(layout.home),
        );
    };
    expect(await traces()).not.toEqual([]);
    await stopEngine({ purge: true });
    expect(await traces()).toEqual([]);
    expect(existsSync(layout.home), layout.home).toBe(false);
    expect(await stopEngine({ purge: true })).toMatchObject({ wasRunning: false });
  });
});

describe("a start that is killed", () => {
  test("is continued by the next, whatever it was doing", async () => {
    const layout = useHome("killed");
    const bundle = await bundled("../support/ensure-engine.ts");
    for (const afterMs of [700, 1_500, 3_000, 5_000]) {
      const child = spawn(process.execPath, [bundle], { stdio: "ignore", env: process.env });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await Promise.race([sleep(afterMs), ended]);
      child.kill("SIGKILL");
      await ended;
    }
    const engine = await ensureEngine();
    expect(await engine.docker(["ps", "--quiet"])).toBe("");
    expect((await engineProcesses(layout)).dockerd).toHaveLength(1);
  });
});

describe("alone in a network of its own", () => {
  interface Report {
    readonly before: HostState;
    readonly during: HostState;
    readonly after: HostState;
    readonly stopped: {
      readonly host: { readonly others: readonly string[]; readonly differences: unknown };
    };
  }

  const alone = async (rules: readonly string[]): Promise<Report> => {
    const engine = await ensureEngine();
    const image = await importBusybox(engine);
    await stopEngine();
    const bundle = await bundled("../support/engine-alone.ts");
    const inside = 'mount -t tmpfs none /run && exec "$@"';
    await copyPrograms(useHome("killed"), layoutOf(join(folder, "crashed/engine")));
    const program = [process.execPath, bundle, join(folder, "crashed"), image, ...rules];
    const command = ["sh", "-c", inside, "sh", ...program];
    const result = await run("unshare", ["--net", "--mount", "--", ...command], { timeoutMs: 250_000 });
    if (result.exitCode !== 0) throw new Error(result.stderr);
    return JSON.parse(result.stdout) as Report;
  };

  test.each([
    ["without a firewall", []],
    [
      "with one of its own",
      [
        "add table inet own",
        "add chain inet own input { type filter hook input priority 0 ; policy accept ; }",
        "add rule inet own input tcp dport 22 accept",
        "add table ip filter",
        "add chain ip filter FORWARD { type filter hook forward priority 0 ; policy accept ; }",
        "add rule ip filter FORWARD ip saddr 192.0.2.7 drop",
      ],
    ],
  ])("a host %s is as before when the engine has stopped and another one was killed", async (_, rules) => {
    useHome("killed");
    const { before, during, after, stopped } = await alone(rules);
    for (const part of ["firewall", "routes", "interfaces", "forwarding", "run"] as const) {
      expect(during[part], `${part}: the engine is seen in it`).not.toEqual(before[part]);
    }
    expect(during.cgroups.join()).toContain(`mallstack-${layoutOf().id}`);
    expect(after.cgroups.join()).not.toContain(`mallstack-${layoutOf().id}`);
    // Control groups are the whole machine's, where others come and go; the registry's lock file is kept.
    const comparable = (state: HostState) => ({
      ...state,
      cgroups: [],
      run: state.run.filter((path) => !path.startsWith("/run/mallstack")),
    });
    expect(comparable(after)).toEqual(comparable(before));
    expect(stopped.host).toEqual({ others: [], differences: { added: [], removed: [] } });
  });
});

async function bundled(source: string): Promise<string> {
  const outfile = join(folder, `${source.replace(/\W/g, "-")}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    logLevel: "error",
    banner: { js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);' },
  });
  return outfile;
}
