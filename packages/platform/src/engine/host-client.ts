/** Whether the host's own `docker` command, with Compose v2 and Buildx, can be used. */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { readJson, stateHome, writeAtomic } from "../state.ts";
import { versionAtLeast } from "./http.ts";
import { run } from "./run.ts";

/** `docker compose up --wait` and the health conditions that the Compose target writes are in all of v2. */
const oldestCompose = "2.0";

interface Verdict {
  /** What was looked at: a change of any of these files calls for another look. */
  readonly files: string;
  readonly usable: boolean;
}

/**
 * True when `docker compose` (v2) and `docker buildx` run. Asking takes two processes, 100 ms; the answer is
 * kept until one of the three programs changes.
 */
export async function hostClientUsable(env: Readonly<Record<string, string>>): Promise<boolean> {
  const files = await fingerprint();
  if (files === undefined) return false;
  const path = join(stateHome(), "engine/host-client.json");
  const known = (await readJson(path)) as Partial<Verdict> | undefined;
  if (known?.files === files && typeof known.usable === "boolean") return known.usable;
  const [compose, buildx] = await Promise.all([
    run("docker", ["compose", "version", "--short"], { env, timeoutMs: 20_000 }),
    run("docker", ["buildx", "version"], { env, timeoutMs: 20_000 }),
  ]);
  const version = compose.stdout.trim().replace(/^v/, "").split(/[-+~]/)[0] ?? "";
  const usable = compose.exitCode === 0 && buildx.exitCode === 0 && versionAtLeast(version, oldestCompose);
  await writeAtomic(path, JSON.stringify({ files, usable } satisfies Verdict));
  return usable;
}

/** Path, size and time of `docker` and its two plugins; `undefined` when one is nowhere. */
async function fingerprint(): Promise<string | undefined> {
  const config = process.env.DOCKER_CONFIG || join(homedir(), ".docker");
  // Docker's own search path for plugins (cli/command/… defaultSystemPluginDirs), Debian's and Homebrew's places.
  const plugins = [
    join(config, "cli-plugins"),
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
    "/opt/homebrew/lib/docker/cli-plugins",
  ];
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = await Promise.all([
    first(path, "docker"),
    first(plugins, "docker-compose"),
    first(plugins, "docker-buildx"),
  ]);
  return found.includes(undefined) ? undefined : found.join("\n");
}

async function first(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile()) return `${path} ${info.size} ${info.mtimeMs}`;
  }
  return undefined;
}
