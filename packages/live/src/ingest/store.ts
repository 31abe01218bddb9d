/** Playlists and segments on the disk that the origin serves. Everything appears whole, by renaming. */
import { link, mkdir, readdir, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface Store {
  /** Removes all that an earlier run left: nobody continues its playlists. */
  clear(): Promise<void>;
  /** @throws what the disk says; nothing has then changed */
  put(path: string, content: string | Uint8Array): Promise<void>;
  remove(paths: readonly string[]): Promise<void>;
  /** Names in a folder, none where it is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** Of a file, for programs that read it. */
  pathOf(path: string): string;
  /** A second name for a file, its own place on this disk: the content stays until it is let go of. @returns its path */
  hold(path: string): Promise<string>;
  /** Lets go of what `hold` gave; fine when it is gone already. */
  letGo(held: string): Promise<void>;
  /** Whether letting go of it would free anything: it has no other name any more. */
  isLast(held: string): Promise<boolean>;
  room(): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
}

/** Below it stands what is not whole yet, on the same file system. The origin serves no name that begins with a dot. */
const workFolder = ".work";

export function openStore(root: string): Store {
  let count = 0;
  return {
    async clear() {
      for (const name of await readdir(root).catch(() => [])) {
        await rm(join(root, name), { recursive: true, force: true });
      }
      await mkdir(join(root, workFolder), { recursive: true });
    },
    async put(path, content) {
      const part = join(root, workFolder, `${++count}`);
      try {
        await writeFile(part, content);
        await mkdir(dirname(join(root, path)), { recursive: true });
        await rename(part, join(root, path));
      } catch (error) {
        // What was written of it fills a disk that may be full.
        await rm(part, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    async remove(paths) {
      for (const path of paths) await rm(join(root, path), { recursive: true, force: true });
    },
    list: (folder) => readdir(join(root, folder)).catch(() => []),
    pathOf: (path) => join(root, path),
    async hold(path) {
      const held = join(root, workFolder, `held-${++count}`);
      await link(join(root, path), held);
      return held;
    },
    letGo: (held) => rm(held, { force: true }),
    isLast: (held) =>
      stat(held).then(
        ({ nlink }) => nlink === 1,
        () => false,
      ),
    async room() {
      const { bavail, blocks, bsize } = await statfs(root);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
  };
}
