/**
 * What was built here: `images.json`, which decides what runs, and `images.lock.json` beside it, every package
 * version and licence that is in what runs now, for people and for comparing.
 */
import { join } from "node:path";
import { z } from "zod";
import { readJson, writeAtomic } from "../../state.ts";
import { type Packages, packagesSchema } from "./manifest.ts";

const builtSchema = z.object({
  tag: z.string(),
  imageId: z.string(),
  /** Upstream's version of the software. */
  version: z.string(),
  /** `packages`, or the reference it was made from. */
  source: z.string(),
  inputsHash: z.string(),
  /** The image whose package tools made it; empty when made from a reference. */
  baseId: z.string(),
  /** Value by which the build took packages anew; the same one finds the build cache again. */
  refresh: z.string(),
  /** ISO 8601. */
  builtAt: z.string(),
  sizeBytes: z.number(),
  packages: packagesSchema,
});

const recordSchema = z.object({
  current: builtSchema,
  /** Newest first: ways back. */
  previous: z.array(builtSchema),
  /** Was rolled back to: stays until the next upgrade. */
  pinned: z.boolean(),
});

const fileSchema = z.object({ schema: z.literal(1), images: z.record(z.string(), recordSchema) });

export interface BuiltImage extends Readonly<Omit<z.output<typeof builtSchema>, "packages">> {
  readonly packages: Packages;
}
export interface ImageRecord {
  readonly current: BuiltImage;
  readonly previous: readonly BuiltImage[];
  readonly pinned: boolean;
}
export type ImageRecords = Readonly<Record<string, ImageRecord>>;

/** How many earlier images are kept as ways back. */
const keptPrevious = 2;

export const recordsPath = (folder: string): string => join(folder, "images.json");
export const lockPath = (folder: string): string => join(folder, "images.lock.json");

/** Empty when there is none, or what is there cannot be read: the images are then made again, mostly from cache. */
export async function readRecords(folder: string): Promise<ImageRecords> {
  const parsed = fileSchema.safeParse(await readJson(recordsPath(folder)));
  return parsed.success ? parsed.data.images : {};
}

/** Writes both files. @throws STATE_UNWRITABLE */
export async function writeRecords(folder: string, images: ImageRecords): Promise<void> {
  await writeAtomic(recordsPath(folder), json({ schema: 1, images }));
  await writeAtomic(lockPath(folder), json({ schema: 1, images: lockOf(images) }));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Pure. The record once `built` is in use; what it replaces becomes the first way back. */
export function succeed(record: ImageRecord | undefined, built: BuiltImage): ImageRecord {
  const others = record === undefined ? [] : [record.current, ...record.previous];
  return {
    current: built,
    previous: others.filter((b) => b.tag !== built.tag).slice(0, keptPrevious),
    pinned: false,
  };
}

export interface LockedImage {
  readonly tag: string;
  readonly version: string;
  readonly source: string;
  readonly packages: Packages;
}

/** Pure. By image name, sorted. */
export function lockOf(images: ImageRecords): Readonly<Record<string, LockedImage>> {
  const names = Object.keys(images).sort();
  return Object.fromEntries(
    names.flatMap((name) => {
      const built = images[name]?.current;
      if (built === undefined) return [];
      const { tag, version, source, packages } = built;
      return [[name, { tag, version, source, packages }]];
    }),
  );
}
