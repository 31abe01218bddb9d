/** `./mall` as a user runs it: a process, its exit code, its JSON. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const launcher = fileURLToPath(new URL("../../mall", import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface MallCommand {
  readonly name: string;
  /** Its mall.yaml. */
  readonly file: string;
  /** Rewrites mall.yaml: the name and ports stay, `more` is added below them. */
  spec(more: string): Promise<void>;
  run(...args: readonly string[]): Promise<Ran>;
  /** Exit code and all that it wrote, as one text: for assertions that show what there was. */
  answer(...args: readonly string[]): Promise<string>;
  /** Runs with `--json`, expects success and gives the document. */
  json<T>(...args: readonly string[]): Promise<T>;
  /** Starts and kills it, with everything it started, after `ms`. */
  killedAfter(ms: number, ...args: readonly string[]): Promise<void>;
  /** The same as soon as that holds. @throws when it has ended before */
  killedOnce(holds: () => Promise<boolean>, ...args: readonly string[]): Promise<void>;
  /** Deletes the mall with its data, and its folder here. */
  close(): Promise<void>;
}

/** @param more variables of its environment, such as another MALL_HOME */
export async function mallCommand(
  name: string,
  portBase: number,
  more: Readonly<Record<string, string>> = {},
): Promise<MallCommand> {
  const folder = await mkdtemp(join(tmpdir(), "mall-e2e-"));
  const file = join(folder, "mall.yaml");
  const head = `name: ${name}\nprofile: small\nportBase: ${portBase}\n`;
  await writeFile(file, head);
  const env = { LC_ALL: "C.UTF-8", ...more };
  const run = async (...args: readonly string[]): Promise<Ran> => {
    const startedAt = performance.now();
    const { exitCode, stdout, stderr } = await execa(launcher, ["-f", file, ...args], {
      reject: false,
      env,
      // What a command writes by default goes into this folder and with it.
      cwd: folder,
      stdin: "ignore",
    });
    return { code: exitCode ?? -1, stdout, stderr, seconds: (performance.now() - startedAt) / 1000 };
  };
  // Its own process group, so that the docker commands under it die with it, as at a power cut.
  const detached = (...args: readonly string[]) =>
    execa(launcher, ["-f", file, ...args], { reject: false, env, stdin: "ignore", detached: true });
  const kill = async (child: ReturnType<typeof detached>): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await child;
  };
  return {
    name,
    file,
    spec: (more) => writeFile(file, head + more),
    run,
    async answer(...args) {
      const { code, stdout, stderr } = await run(...args);
      return `exit code ${code}\n${stdout}\n${stderr}`;
    },
    async json<T>(...args: readonly string[]) {
      const ran = await run(...args, "--json");
      if (ran.code !== 0)
        throw new Error(`mall ${args.join(" ")}: ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
      return JSON.parse(ran.stdout) as T;
    },
    async killedAfter(ms, ...args) {
      const child = detached(...args);
      await sleep(ms);
      await kill(child);
    },
    async killedOnce(holds, ...args) {
      const child = detached(...args);
      while (!(await holds())) {
        if (child.exitCode !== null)
          throw new Error(`mall ${args.join(" ")} ended before: ${child.exitCode}`);
        await sleep(20);
      }
      await kill(child);
    },
    async close() {
      await run("down", "--volumes", "--yes");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
