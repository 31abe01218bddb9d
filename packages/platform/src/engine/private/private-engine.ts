/** The private engine as a whole: bring it up, say how it is. */
import { statSync } from "node:fs";
import { withLock } from "../../file-lock.ts";
import type { Progress } from "../../progress.ts";
import { exists, readJson } from "../../state.ts";
import { text } from "../../text.ts";
import { type EngineFacts, oldestApi } from "../engine.ts";
import { engineError } from "../errors.ts";
import { ping } from "../http.ts";
import { startDaemon } from "./daemon.ts";
import type { Layout } from "./layout.ts";
import { engineProcesses } from "./processes.ts";
import type { Range } from "./subnet.ts";
import { ensureTools } from "./tools.ts";
import { packagesIn } from "./unpack.ts";

export interface PrivateOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  readonly mirror?: string | undefined;
}

/** The facts of a running private engine, or `undefined`; about 2 ms. */
export async function runningPrivate(layout: Layout, timeoutMs: number): Promise<EngineFacts | undefined> {
  const address = { kind: "unix", path: layout.socket } as const;
  const answer = await ping(address, timeoutMs).catch(() => undefined);
  if (answer === undefined) return undefined;
  return {
    kind: "private",
    host: layout.host,
    address,
    apiVersion: answer.apiVersion || oldestApi,
    env: clientEnv(layout, layout.host),
  };
}

/** Environment of clients that use our `docker` and plugins against an engine. */
export function clientEnv(layout: Layout, host: string): Record<string, string> {
  return { DOCKER_HOST: host, DOCKER_CONFIG: layout.cli, PATH: `${layout.bin}:${process.env.PATH ?? ""}` };
}

/**
 * The private engine, started if need be; its programs fetched if need be. Calls at the same time, in this or
 * other processes, wait for the one that does it.
 * @throws ENGINE_NOT_ROOT, ENGINE_START_FAILED, ENGINE_DOWNLOAD_FAILED, DISK_FULL, ENGINE_NO_SUBNET, ENGINE_ABSENT
 */
export async function ensurePrivate(layout: Layout, options: PrivateOptions): Promise<EngineFacts> {
  const running = await runningPrivate(layout, 1_500);
  if (running) return running;
  if (process.getuid?.() !== 0) throw engineError.ENGINE_NOT_ROOT({ action: "starting the private engine" });
  const { progress, signal } = options;
  return withLock(
    layout.lock,
    async () => {
      const meanwhile = await runningPrivate(layout, 1_500);
      if (meanwhile) return meanwhile;
      // The last is small, and most machines with a private engine make their base images from packages.
      await ensureTools(layout, ["client", "daemon", "bootstrap"], options);
      await progress.task(text("starting the private Docker Engine", "启动私有 Docker Engine"), () =>
        startDaemon(layout, signal),
      );
      const started = await runningPrivate(layout, 10_000);
      if (started) return started;
      throw engineError.ENGINE_START_FAILED({
        cause: "it answered once and no more",
        lastLines: "",
        logPath: layout.log,
      });
    },
    { purpose: "starting the engine", signal },
  );
}

export interface PrivateStatus {
  /** Where it is, or would be. */
  readonly home: string;
  readonly state: "absent" | "stopped" | "running" | "unresponsive";
  readonly host: string;
  readonly pid: number | undefined;
  readonly apiVersion: string | undefined;
  /** Running containers, also those that outlived a crashed dockerd. */
  readonly containers: number;
  /** Range of its networks, once chosen. */
  readonly range: string | undefined;
  /** "docker.io 28.5.2+dfsg4-5", … */
  readonly packages: readonly string[];
  readonly logPath: string;
  /** ISO 8601; since when dockerd runs. */
  readonly since: string | undefined;
}

export async function privateStatus(layout: Layout): Promise<PrivateStatus> {
  const [running, found, range, client, daemon] = await Promise.all([
    runningPrivate(layout, 3_000),
    engineProcesses(layout),
    readJson(layout.range) as Promise<Partial<Range> | undefined>,
    packagesIn(layout, "client"),
    packagesIn(layout, "daemon"),
  ]);
  const [dockerd] = found.dockerd;
  const there = await exists(layout.home);
  return {
    home: layout.home,
    state: running ? "running" : dockerd ? "unresponsive" : there ? "stopped" : "absent",
    host: layout.host,
    pid: dockerd?.pid,
    apiVersion: running?.apiVersion,
    containers: found["containerd-shim-runc-v2"].length,
    range: range?.range,
    packages: [...new Set([...(client ?? []), ...(daemon ?? [])].map((p) => `${p.name} ${p.version}`))],
    logPath: layout.log,
    since: dockerd ? statSync(`/proc/${dockerd.pid}`).ctime.toISOString() : undefined,
  };
}
