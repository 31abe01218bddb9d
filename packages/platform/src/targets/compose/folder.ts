/**
 * Writes a rendering into its folder. Folders of running instances are bind-mounted, so they are kept and
 * their files replaced one by one: a container never sees half a file, nor loses its folder.
 */
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readIfPresent, unwritable } from "../../state.ts";
import type { RenderedFiles } from "./render.ts";

/**
 * @returns the paths that were written or removed; empty when the folder already was the same.
 * @throws STATE_UNWRITABLE; each file is then the former or the new one
 */
export async function writeFolder(folder: string, files: RenderedFiles): Promise<readonly string[]> {
  try {
    return await replaceFiles(folder, files);
  } catch (error) {
    throw await unwritable(folder, error);
  }
}

async function replaceFiles(folder: string, files: RenderedFiles): Promise<readonly string[]> {
  const changed: string[] = [];
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const [path, content] of files) {
    const target = join(folder, path);
    if ((await readIfPresent(target)) === content) continue;
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    const temporary = `${target}.new`;
    try {
      await writeFile(temporary, content, { mode: 0o644 });
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    changed.push(path);
  }
  for (const path of await listFiles(join(folder, "config"), "config")) {
    if (files.has(path)) continue;
    await rm(join(folder, path));
    changed.push(path);
  }
  return changed;
}

async function listFiles(folder: string, prefix: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = await Promise.all(
    entries.map(async (entry) =>
      entry.isDirectory()
        ? listFiles(join(folder, entry.name), `${prefix}/${entry.name}`)
        : [`${prefix}/${entry.name}`],
    ),
  );
  return nested.flat();
}
