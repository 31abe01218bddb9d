/** Replacing images on the user's word: build the newest beside what runs, show the difference, switch, go back. */

import { silent } from "../../progress.ts";
import { text } from "../../text.ts";
import type { Engine } from "../engine.ts";
import { buildEach, type ImageOptions, locked, readItem } from "./ensure.ts";
import { imageError } from "./errors.ts";
import { fromPackages } from "./inputs.ts";
import { type PackageChange, packageChanges } from "./manifest.ts";
import { presentTags } from "./present.ts";
import { type BuiltImage, type ImageRecord, readRecords, succeed, writeRecords } from "./record.ts";

export interface Upgrade {
  readonly name: string;
  /** Undefined when none was made yet. */
  readonly before: BuiltImage | undefined;
  readonly after: BuiltImage;
  /** False: the newest is what is in use. */
  readonly differs: boolean;
  readonly packages: readonly PackageChange[];
}

/**
 * Builds the newest of each named image, with today's packages and this clone's files, and says what would change.
 * Nothing that runs or is recorded is touched until {@link acceptUpgrades}.
 * @throws those of ensureImages
 */
export async function stageUpgrades(
  engine: Engine,
  names: readonly string[],
  options: ImageOptions,
): Promise<readonly Upgrade[]> {
  const { folder } = options;
  // Any value that no earlier build had makes BuildKit take the packages anew.
  const refresh = new Date().toISOString();
  return locked("upgrading images", options.signal, async () => {
    const records = await readRecords(folder);
    const items = await Promise.all(
      names.map(async (name) => ({
        ...(await readItem(options.root, name, options.images?.[name])),
        refresh,
      })),
    );
    for (const { source } of items) if (source !== fromPackages) await pullNewest(engine, source, options);
    const upgrades: Upgrade[] = [];
    await buildEach(engine, items, options, async (item, after) => {
      const { name } = item.definition;
      const before = records[name]?.current;
      upgrades.push({
        name,
        before,
        after,
        differs: before?.tag !== after.tag,
        packages: packageChanges(before?.packages ?? [], after.packages),
      });
    });
    return upgrades.sort((a, b) => (a.name < b.name ? -1 : 1));
  });
}

/** A tag may have moved on. Where no registry answers, what is here is the newest there is. */
async function pullNewest(engine: Engine, source: string, options: ImageOptions): Promise<void> {
  await (options.progress ?? silent).task(text(`pulling ${source}`, `拉取 ${source}`), () =>
    engine.tryDocker(["pull", "--quiet", source], { signal: options.signal, timeoutMs: 600_000 }),
  );
}

/** Makes staged images the ones in use from the next `up` on; what they replace is kept as the way back. */
export async function acceptUpgrades(
  upgrades: readonly Upgrade[],
  options: Pick<ImageOptions, "folder" | "signal">,
): Promise<void> {
  const { folder } = options;
  await locked("upgrading images", options.signal, async () => {
    const records = await readRecords(folder);
    const changed = upgrades.map(({ name, after }) => [name, succeed(records[name], after)] as const);
    await writeRecords(folder, { ...records, ...Object.fromEntries(changed) });
  });
}

/** Pure. The record with its newest earlier image in use; the one given up becomes the first way back. */
export function rolledBack(record: ImageRecord): ImageRecord | undefined {
  const [target, ...older] = record.previous;
  if (target === undefined) return undefined;
  return { current: target, previous: [record.current, ...older], pinned: true };
}

/**
 * Puts the earlier image back in use from the next `up` on; it stays until the next upgrade, whatever the clone's
 * files say. Done twice it is where it was.
 * @returns the image in use now
 * @throws IMAGE_NO_PREVIOUS, IMAGE_PREVIOUS_GONE
 */
export async function rollbackImage(
  engine: Engine,
  name: string,
  options: Pick<ImageOptions, "folder" | "signal">,
): Promise<BuiltImage> {
  const { folder } = options;
  return locked("rolling an image back", options.signal, async () => {
    const records = await readRecords(folder);
    const record = records[name];
    const next = record === undefined ? undefined : rolledBack(record);
    if (next === undefined) throw imageError.IMAGE_NO_PREVIOUS({ image: name });
    const { tag, imageId } = next.current;
    const present = await presentTags(engine, options.signal);
    if (present.get(tag) !== imageId) throw imageError.IMAGE_PREVIOUS_GONE({ image: name, tag });
    await writeRecords(folder, { ...records, [name]: next });
    return next.current;
  });
}
