/** A small file system of a test's own, to be filled to its last block without taking any of the machine's. */
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { layoutOf } from "../../packages/platform/src/engine/private/layout.ts";
import { engineProcesses } from "../../packages/platform/src/engine/private/processes.ts";
import { run } from "../../packages/platform/src/engine/run.ts";
import { isErrno } from "../../packages/platform/src/state.ts";

export interface SmallDisk {
  readonly path: string;
  /** Takes every block that is left: the most of them at once, the last ones by writing until no more is taken. */
  fill(): Promise<void>;
  free(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A loop device over a sparse file: what is allocated in it without being written takes no room on the machine.
 * Needs root. A private engine has its own view of mounts, in which it is mounted as well: bind mounts from it work.
 */
export async function smallDisk(engine: Engine, folder: string, sizeMiB: number): Promise<SmallDisk> {
  const [image, path] = [join(folder, "disk.img"), join(folder, "disk")];
  await mkdir(path, { recursive: true });
  await must("truncate", "--size", `${sizeMiB}M`, image);
  // No block is kept for root, and no table is left to be written later.
  await must("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", image);
  const device = await must("losetup", "--find", "--show", image);
  const views = await mountViews(engine);
  for (const view of views) await must(...view, "mount", device, path);
  const ballast = join(path, "ballast");
  return {
    path,
    async fill() {
      const free = (await must("stat", "--file-system", "--format", "%a %S", path)).split(" ").map(Number);
      const bytes = (free[0] ?? 0) * (free[1] ?? 0) - 4 * 2 ** 20;
      await must("fallocate", "--length", `${bytes}`, ballast);
      const file = await open(ballast, "a");
      try {
        for (const size of [2 ** 20, 4_096, 1]) while (await takes(file, size));
      } finally {
        await file.close();
      }
    },
    free: () => rm(ballast, { force: true }),
    async close() {
      for (const view of views) await must(...view, "umount", path);
      await must("losetup", "--detach", device);
    },
  };
}

/** Prefixes of commands that each see other mounts: our own, and the private engine's. */
async function mountViews(engine: Engine): Promise<readonly (readonly string[])[]> {
  if (engine.kind !== "private") return [[]];
  const { dockerd } = await engineProcesses(layoutOf());
  return [[], ...dockerd.map(({ pid }) => ["nsenter", `--mount=/proc/${pid}/ns/mnt`])];
}

const takes = (file: FileHandle, size: number): Promise<boolean> =>
  file.appendFile(new Uint8Array(size)).then(
    () => true,
    (error: unknown) => {
      if (isErrno(error, "ENOSPC")) return false;
      throw error;
    },
  );

async function must(...[program = "", ...args]: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, args);
  if (exitCode !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}
