/** Images of this clone for a test, with a record of the test's own: what a mall on this machine keeps is not touched. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureImages, type ReadyImage } from "../../packages/platform/src/engine/images/ensure.ts";

export const repositoryRoot = resolve(import.meta.dirname, "../..");

export async function readyImages(
  engine: Engine,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadyImage>> {
  const folder = await mkdtemp(join(tmpdir(), "mall-images-"));
  try {
    return await ensureImages(engine, names, { root: repositoryRoot, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
