/**
 * A lock between processes that the kernel releases when its owner dies, however it dies.
 *
 * Node has no flock(2), so a child, util-linux' `flock`, holds it for us: it runs `cat` on a pipe from this
 * process and ends when the pipe closes, which the kernel does on any end of ours. Nothing can be stale, no
 * pid is compared, and it also excludes processes of other pid or network namespaces. About 4 ms to take.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import { messageOf } from "./errors.ts";
import { ensureFolder, exists, readJson, writeAtomic } from "./state.ts";
import { stateError } from "./state-errors.ts";

export interface LockOwner {
  readonly pid: number;
  /** What it does, in words for a person: `mall up`. */
  readonly purpose: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface LockOptions {
  readonly purpose?: string;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for another owner; default: as long as it takes. */
  readonly timeoutMs?: number;
  /** Called once, when another process has held the lock for half a second. */
  readonly onWait?: ((owner: LockOwner | undefined) => void) | undefined;
}

/**
 * Runs `work` while this process alone holds the lock of that path. Not re-entrant.
 * @throws LOCK_HELD after `timeoutMs`; LOCK_UNAVAILABLE without flock; the signal's reason; what `work` throws
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  await ensureFolder(dirname(path));
  const release = await acquire(path, options);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(path: string, options: LockOptions): Promise<() => Promise<void>> {
  options.signal?.throwIfAborted();
  const started = Date.now();
  // Detached: Ctrl-C reaches the terminal's whole process group, and the lock must outlive it until we are done.
  const holder = spawn("flock", ["-x", path, "sh", "-c", "echo locked; exec cat >/dev/null"], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  holder.stdin.on("error", () => undefined); // EPIPE when it has ended already
  const noteTimer = setTimeout(async () => options.onWait?.(await lockOwner(path)), 500);
  let limit: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      let words = "";
      holder.once("error", (error) =>
        reject(stateError.LOCK_UNAVAILABLE({ path, cause: messageOf(error) }, error)),
      );
      holder.stderr.on("data", (chunk) => {
        words += String(chunk);
      });
      holder.once("close", (code, signal) =>
        reject(
          stateError.LOCK_UNAVAILABLE({ path, cause: words.trim() || `flock ended with ${code ?? signal}` }),
        ),
      );
      holder.stdout.once("data", () => resolve());
      if (options.timeoutMs !== undefined) {
        limit = setTimeout(async () => {
          const owner = await lockOwner(path);
          reject(
            stateError.LOCK_HELD({
              path,
              owner: owner ? `${owner.purpose} (pid ${owner.pid}, since ${owner.since})` : "another process",
              waitedSeconds: Math.round((Date.now() - started) / 1000),
            }),
          );
        }, options.timeoutMs);
      }
      onAbort = () => reject(options.signal?.reason);
      options.signal?.addEventListener("abort", onAbort, { once: true });
    });
  } catch (error) {
    // Still waiting in flock(2), or just past it and reading the pipe: both end by these two.
    holder.kill("SIGKILL");
    holder.stdin.destroy();
    throw error;
  } finally {
    clearTimeout(noteTimer);
    clearTimeout(limit);
    if (onAbort) options.signal?.removeEventListener("abort", onAbort);
  }
  const owner: LockOwner = {
    pid: process.pid,
    purpose: options.purpose ?? "mall",
    since: new Date().toISOString(),
  };
  // Only a courtesy to those who wait: a full disk must not keep `mall down` from its lock.
  await writeAtomic(`${path}.owner`, `${JSON.stringify(owner)}\n`).catch(() => undefined);
  return () => releaseOf(holder);
}

/** Who wrote its name when it took the lock last; it may have ended since. */
export async function lockOwner(path: string): Promise<LockOwner | undefined> {
  const owner = await readJson(`${path}.owner`);
  if (typeof owner !== "object" || owner === null) return undefined;
  const { pid, purpose, since } = owner as Partial<LockOwner>;
  if (typeof pid !== "number" || typeof purpose !== "string" || typeof since !== "string") return undefined;
  return { pid, purpose, since };
}

/**
 * Whether a process holds the lock of that path at this moment. Never waits; a lock that was never taken is free.
 * @throws LOCK_UNAVAILABLE without flock
 */
export async function isLocked(path: string): Promise<boolean> {
  if (!(await exists(path))) return false;
  const probe = spawn("flock", ["--exclusive", "--nonblock", "--conflict-exit-code", "75", path, "true"], {
    stdio: "ignore",
  });
  const ended = await new Promise<string | number | null>((resolve, reject) => {
    probe.once("error", (error) =>
      reject(stateError.LOCK_UNAVAILABLE({ path, cause: messageOf(error) }, error)),
    );
    probe.once("exit", (code, signal) => resolve(code ?? signal));
  });
  if (ended === 0 || ended === 75) return ended === 75;
  throw stateError.LOCK_UNAVAILABLE({ path, cause: `flock ended with ${ended}` });
}

/** Resolves once the kernel has let go, so that the next owner of this same process need not wait. */
async function releaseOf(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => holder.once("exit", () => resolve()));
  holder.stdin?.end();
  await ended;
}
