/** Starts dockerd so that it outlives this process, and waits until it answers. */
import { type ChildProcess, spawn } from "node:child_process";
import { open, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureFolder, readIfPresent, writeAtomic } from "../../state.ts";
import { text } from "../../text.ts";
import { diskFullError } from "../disk.ts";
import { engineError } from "../errors.ts";
import { ping } from "../http.ts";
import { lastLines } from "../run.ts";
import { ensureBridge, usableBackends } from "./backend.ts";
import { wrapperScript } from "./firewall.ts";
import { enterHost } from "./host-network.ts";
import type { Layout } from "./layout.ts";
import { end, engineProcesses, type Process } from "./processes.ts";
import type { Range } from "./subnet.ts";
import { libraryEnv } from "./unpack.ts";

/** dockerd answers in about 1 s; with a hundred containers to restore on a slow disk it takes its time. */
const startTimeoutMs = 90_000;
const logBytesKept = 4 * 2 ** 20;

export function daemonConfig(layout: Layout, range: Range, liveRestore: boolean): Record<string, unknown> {
  return {
    hosts: [layout.host],
    // Its folder is 0700; without this dockerd looks for a group "docker" and warns.
    group: "root",
    pidfile: layout.pidFile,
    "data-root": layout.data,
    "exec-root": layout.execRoot,
    bridge: layout.bridge,
    "default-address-pools": [{ base: range.pool, size: 24 }],
    "cgroup-parent": layout.cgroup,
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    // Containers keep running while dockerd is replaced or has crashed.
    "live-restore": liveRestore,
    // A container that writes without end keeps 5 × 10 MB, compressed.
    "log-driver": "local",
    "log-opts": { "max-size": "10m", "max-file": "5" },
    "log-level": "warn",
    builder: { gc: { enabled: true, defaultKeepStorage: "8GB" } },
  };
}

export async function writeConfig(layout: Layout, range: Range, liveRestore: boolean): Promise<void> {
  await writeAtomic(
    layout.config,
    `${JSON.stringify(daemonConfig(layout, range, liveRestore), undefined, 2)}\n`,
  );
}

/**
 * Starts dockerd and its containerd. The caller holds the engine's lock and the programs are there.
 * @throws ENGINE_START_FAILED with the log's last lines, DISK_FULL, ENGINE_NO_SUBNET
 */
export async function startDaemon(layout: Layout, signal: AbortSignal | undefined): Promise<void> {
  const left = await engineProcesses(layout);
  if (left.dockerd.length > 0 && (await answers(layout, 10_000, signal))) return;
  // A dockerd that does not answer, or a containerd without one, would hold the data directory's locks.
  const stuck = await end([...left.dockerd, ...left.containerd], 5_000);
  if (stuck.length > 0) throw await failed(layout, `an earlier dockerd (pid ${stuck[0]?.pid}) does not end`);
  const shims = left["containerd-shim-runc-v2"];
  await clearVolatile(layout, shims);
  for (const folder of [layout.run, layout.data, layout.cli, dirname(layout.log)]) await ensureFolder(folder);
  const [backend] = await usableBackends(layout);
  const range = await enterHost(layout, backend);
  await ensureBridge(layout, range.bridge);
  const wrapper = join(layout.sbin, "iptables");
  await writeAtomic(wrapper, wrapperScript(layout, backend), 0o755);
  await rm(join(layout.sbin, "ip6tables"), { force: true });
  await symlink("iptables", join(layout.sbin, "ip6tables"));
  await writeConfig(layout, range, true);
  await launch(layout, shims[0], signal);
}

/**
 * Without a live container nothing of the run folder is true any more; after a reboot its sockets, pid files
 * and containerd's tasks would only mislead. With live ones (dockerd crashed) they are what it restores from.
 */
async function clearVolatile(layout: Layout, shims: readonly Process[]): Promise<void> {
  await rm(layout.pidFile, { force: true });
  await rm(layout.socket, { force: true });
  if (shims.length === 0) await rm(layout.execRoot, { recursive: true, force: true });
  // dockerd waits 10 s on the socket of a containerd that died with the last one.
  const containerd = ["containerd.sock", "containerd.sock.ttrpc", "containerd-debug.sock", "containerd.pid"];
  for (const name of containerd) await rm(join(layout.execRoot, "containerd", name), { force: true });
}

async function launch(
  layout: Layout,
  shim: Process | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  await rotate(layout.log);
  const log = await open(layout.log, "a", 0o600);
  const from = (await log.stat()).size;
  const dockerd = [join(layout.sbin, "dockerd"), "--config-file", layout.config];
  // A mount namespace of its own, so that a killed engine leaves no mount on the host. Slave: what the host
  // mounts or unmounts later is seen inside. Containers that outlived dockerd have their mounts in the old one.
  const [program, ...args] = shim
    ? ["nsenter", `--mount=/proc/${shim.pid}/ns/mnt`, "--", ...dockerd]
    : ["unshare", "--mount", "--propagation", "slave", "--", ...dockerd];
  let child: ChildProcess;
  try {
    child = spawn(program ?? "", args, {
      cwd: "/",
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      env: await daemonEnv(layout),
    });
  } finally {
    await log.close();
  }
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = `${program} could not be run: ${error.message}`;
  });
  child.once("exit", (code, killed) => {
    ended = `dockerd ended with ${killed ?? code}`;
  });
  const deadline = Date.now() + startTimeoutMs;
  try {
    while (!(await answers(layout, 2_000, signal))) {
      signal?.throwIfAborted();
      if (ended !== undefined) throw await failed(layout, ended, from);
      if (Date.now() > deadline)
        throw await failed(layout, `it did not answer within ${startTimeoutMs / 1000} s`, from);
      await sleep(40);
    }
  } catch (error) {
    if (child.pid !== undefined) await end((await engineProcesses(layout)).dockerd, 5_000);
    throw error;
  }
  child.unref();
}

async function answers(layout: Layout, timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  return ping({ kind: "unix", path: layout.socket }, timeoutMs, signal).then(
    () => true,
    () => false,
  );
}

/** Only what dockerd needs: a daemon that runs for months must not carry the caller's secrets in its environment. */
async function daemonEnv(layout: Layout): Promise<Record<string, string>> {
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  const kept = proxies.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    ...(await libraryEnv(join(layout.tools, "daemon"))),
    PATH: `${layout.sbin}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: "/root",
    LC_ALL: "C.UTF-8",
    // dockerd hands its rules to firewalld when it finds one on the system bus, past our iptables.
    DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/nonexistent",
  };
}

/** dockerd writes to its log for as long as it runs; each start keeps one old file. */
async function rotate(path: string): Promise<void> {
  const size = await stat(path).then(
    (s) => s.size,
    () => 0,
  );
  if (size > logBytesKept) await rename(path, `${path}.1`);
}

async function failed(layout: Layout, cause: string, from = 0): Promise<Error> {
  const log = (await readIfPresent(layout.log)) ?? "";
  const words = Buffer.from(log).subarray(from).toString("utf8");
  const failure = engineError.ENGINE_START_FAILED({
    cause,
    lastLines: lastLines(words, 8),
    logPath: layout.log,
  });
  const place = { path: layout.home, neededBytes: 0, purpose: text("starting the engine", "启动引擎") };
  return (await diskFullError(failure, place)) ?? failure;
}
