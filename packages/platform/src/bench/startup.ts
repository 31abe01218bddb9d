/**
 * The times and sizes a user meets, each with the bound it was made for, measured from outside: every step is a
 * `./mall` process of its own on a mall of its own, never on the user's.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Engine } from "../engine/engine.ts";
import type { Progress } from "../progress.ts";
import { stateHome } from "../state.ts";
import { containersOf } from "../targets/compose/containers.ts";
import { projectName } from "../targets/compose/names.ts";
import { mallFolders } from "../targets/compose/state.ts";
import { type Text, text } from "../text.ts";
import type { Figure } from "./figure.ts";

export interface StartupBench {
  readonly figures: readonly Figure[];
  /** Wall time in milliseconds of each phase of the `up` with data. */
  readonly phases: Readonly<Record<string, number>>;
}

export interface BenchInput {
  readonly root: string;
  readonly engine: Engine;
  readonly portBase: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Name of the mall that the bench makes, and deletes with its data. */
export const benchMall = "bench";

/** Runs of the quick commands, of which the middle one counts: the first also fills the page cache. */
const repeats = 5;

export async function benchStartup(input: BenchInput): Promise<StartupBench> {
  const folder = await mkdtemp(join(tmpdir(), "mall-bench-"));
  const file = join(folder, "mall.yaml");
  await writeFile(file, `name: ${benchMall}\nprofile: small\nportBase: ${input.portBase}\n`);
  const mall = async (...args: readonly string[]): Promise<number> => {
    const startedAt = performance.now();
    await execa(join(input.root, "mall"), ["-f", file, ...args], {
      cancelSignal: input.signal,
      stdin: "ignore",
    });
    return (performance.now() - startedAt) / 1000;
  };
  const figures: Figure[] = [];
  const result: { phases: Readonly<Record<string, number>> } = { phases: {} };
  const measure = async (
    id: string,
    title: Text,
    bound: number,
    work: () => Promise<number>,
    unit: Figure["unit"] = "s",
  ): Promise<void> => {
    const value = await input.progress.task(title, work);
    figures.push({ id, title, value, bound, unit });
  };
  const middle = async (...args: readonly string[]): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < repeats; i += 1) times.push(await mall(...args));
    return times.sort((a, b) => a - b)[Math.floor(repeats / 2)] ?? 0;
  };

  try {
    await mall("down", "--volumes", "--yes");
    await measure("help", text("mall --help", "mall --help"), 0.25, () => middle("--help"));
    await measure("render", text("render both targets, whole process", "渲染两种目标（整个进程）"), 0.4, () =>
      middle("render", "all", "-o", join(folder, "rendered")),
    );
    await measure("types", text("type check of the repository", "全仓库类型检查"), 6, async () => {
      const startedAt = performance.now();
      await execa("npx", ["tsc", "--noEmit", "-p", "tsconfig.json"], { cwd: input.root });
      return (performance.now() - startedAt) / 1000;
    });
    await measure(
      "up-empty",
      text("up, images there, empty volumes, then verify", "up（镜像已有、空数据卷）加 verify"),
      120,
      async () => (await mall("up")) + (await mall("verify")),
    );
    await measure("verify", text("verify", "verify"), 20, () => middle("verify"));
    await measure("up-noop", text("up with nothing to do", "无需改动的 up"), 5, () => middle("up"));
    const memory = await memoryOf(input.engine);
    await measure(
      "memory",
      text("memory of all containers, idle", "全部容器的空闲内存"),
      8192,
      async () => memory.total,
      "MiB",
    );
    await measure(
      "memory-agent",
      text("memory of the agent", "agent 的内存"),
      150,
      async () => memory.agent,
      "MiB",
    );
    await mall("down");
    const plain = await input.progress.task(
      text("docker compose up --wait on the same folder", "在同一目录执行 docker compose up --wait"),
      () => plainCompose(input.engine),
    );
    await mall("down");
    await measure("up-data", text("up with data", "带数据的 up"), 90, async () => {
      const { seconds, phases } = await upWithPhases(input, file);
      result.phases = phases;
      return seconds;
    });
    const own = agentSeconds(result.phases);
    const up = figures.find((f) => f.id === "up-data")?.value ?? Number.NaN;
    figures.push({
      id: "up-overhead",
      title: text(
        `up with data less the agent's work (${own.toFixed(1)} s), by docker compose up --wait (${plain.toFixed(1)} s)`,
        `带数据的 up 减去 agent 的工作（${own.toFixed(1)} 秒），与 docker compose up --wait（${plain.toFixed(1)} 秒）之比`,
      ),
      value: (up - own) / plain,
      bound: 1.1,
      unit: "×",
    });
  } finally {
    await execa(join(input.root, "mall"), ["-f", file, "down", "--volumes", "--yes"], { reject: false });
    await rm(folder, { recursive: true, force: true });
  }
  return { figures, phases: result.phases };
}

/** Seconds of the engine's own tool for the same containers, of which the agent is one. */
async function plainCompose(engine: Engine): Promise<number> {
  const { compose } = mallFolders(stateHome(), benchMall);
  const startedAt = performance.now();
  await engine.docker([
    ...["compose", "--progress", "quiet", "--project-name", projectName(benchMall)],
    ...["--project-directory", compose, "up", "--detach", "--wait", "--wait-timeout", "300"],
  ]);
  return (performance.now() - startedAt) / 1000;
}

async function upWithPhases(
  input: BenchInput,
  file: string,
): Promise<{ readonly seconds: number; readonly phases: Readonly<Record<string, number>> }> {
  const startedAt = performance.now();
  const { stdout } = await execa(join(input.root, "mall"), ["-f", file, "up", "--json"], {
    cancelSignal: input.signal,
    stdin: "ignore",
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const { phases } = JSON.parse(stdout) as { readonly phases: Readonly<Record<string, number>> };
  return { seconds, phases };
}

/** What `up` waits for the agent beyond the containers' own health: both are waited for side by side. */
const agentSeconds = (phases: Readonly<Record<string, number>>): number =>
  Math.max(0, (phases.converge ?? 0) - (phases.healthy ?? 0)) / 1000;

interface Stats {
  readonly memory_stats: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> };
}

/** As `docker stats` counts it: without the page cache that the kernel gives back when asked. */
async function memoryOf(engine: Engine): Promise<{ readonly total: number; readonly agent: number }> {
  const running = await containersOf(engine, benchMall);
  const each = await Promise.all(
    [...running.values()].map(async (container) => {
      const { memory_stats } = (await engine.api(
        `/containers/${container.id}/stats?stream=false&one-shot=true`,
      )) as Stats;
      const cache = memory_stats.stats?.total_inactive_file ?? memory_stats.stats?.inactive_file ?? 0;
      return { service: container.service, mib: ((memory_stats.usage ?? 0) - cache) / 2 ** 20 };
    }),
  );
  const sum = (of: typeof each): number => of.reduce((total, one) => total + one.mib, 0);
  return { total: sum(each), agent: sum(each.filter((one) => one.service === "agent")) };
}
