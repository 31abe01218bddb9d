/** Removing images that no mall of this machine has in use or as a way back. */
import { messageOf } from "../../errors.ts";
import { exists } from "../../state.ts";
import type { Engine } from "../engine.ts";
import { locked } from "./ensure.ts";
import { imageError } from "./errors.ts";
import { readRecords, recordsPath } from "./record.ts";

export interface PrunableImage {
  readonly tag: string;
  readonly id: string;
  /** With the layers that it shares with others: what is freed is less. */
  readonly sizeBytes: number;
  /** ISO 8601. */
  readonly builtAt: string;
}

export interface PruneResult {
  /** Removed, or with `dryRun` what would be. */
  readonly removed: readonly PrunableImage[];
  /** The engine would not give them up, each with its reason. */
  readonly failed: readonly { readonly tag: string; readonly cause: string }[];
  /** Tags of ours that stay. */
  readonly kept: number;
}

export interface PruneOptions {
  /** Folders of every mall of this state directory: their records name what is kept. */
  readonly folders: readonly string[];
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An image as the engine lists it. */
export interface ListedImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly Size: number;
  /** Seconds since the epoch. */
  readonly Created: number;
}

/** The roots that images are made on: made by download, two of them at most. */
const isBase = (tag: string): boolean => tag.startsWith("mallstack/base:");

/**
 * Pure. Tags that no record names and whose image no container is made from, stopped ones included.
 * @param recorded tags in use and their ways back, of every mall
 * @param used ids of the images of all containers
 */
export function prunable(
  images: readonly ListedImage[],
  recorded: ReadonlySet<string>,
  used: ReadonlySet<string>,
): readonly PrunableImage[] {
  return images
    .filter((image) => !used.has(image.Id))
    .flatMap(({ Id, RepoTags, Size, Created }) =>
      (RepoTags ?? [])
        .filter((tag) => tag.startsWith("mallstack/") && !isBase(tag) && !recorded.has(tag))
        .map((tag) => ({
          tag,
          id: Id,
          sizeBytes: Size,
          builtAt: new Date(Created * 1_000).toISOString(),
        })),
    )
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** @throws IMAGE_RECORD_UNREADABLE: what such a mall needs is not known, so nothing is removed */
export async function pruneImages(engine: Engine, options: PruneOptions): Promise<PruneResult> {
  // No build between looking and removing: it may find its image there and record it.
  return locked("removing images", options.signal, async () => {
    const recorded = new Set((await Promise.all(options.folders.map(recordedTags))).flat());
    const filters = encodeURIComponent(JSON.stringify({ reference: ["mallstack/*"] }));
    const [images, containers] = await Promise.all([
      engine.api(`/images/json?filters=${filters}`) as Promise<readonly ListedImage[]>,
      engine.api("/containers/json?all=1") as Promise<readonly { readonly ImageID: string }[]>,
    ]);
    const found = prunable(images, recorded, new Set(containers.map((one) => one.ImageID)));
    const total = images.flatMap((image) => image.RepoTags ?? []).length;
    if (options.dryRun) return { removed: found, failed: [], kept: total - found.length };
    const removed: PrunableImage[] = [];
    const failed: { tag: string; cause: string }[] = [];
    for (const image of found) {
      options.signal?.throwIfAborted();
      try {
        await engine.docker(["rmi", image.tag], { signal: options.signal });
        removed.push(image);
      } catch (error) {
        options.signal?.throwIfAborted();
        failed.push({ tag: image.tag, cause: messageOf(error) });
      }
    }
    return { removed, failed, kept: total - removed.length };
  });
}

async function recordedTags(folder: string): Promise<readonly string[]> {
  const records = Object.values(await readRecords(folder));
  if (records.length === 0 && (await exists(recordsPath(folder))))
    throw imageError.IMAGE_RECORD_UNREADABLE({ path: recordsPath(folder) });
  return records.flatMap(({ current, previous }) => [current.tag, ...previous.map((built) => built.tag)]);
}
