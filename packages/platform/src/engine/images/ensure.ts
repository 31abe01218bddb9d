/** The images a mall runs, made where they are missing: what `mall up` asks for. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { withLock } from "../../file-lock.ts";
import { type Progress, silent } from "../../progress.ts";
import { ensureFolder, stateHome } from "../../state.ts";
import { type Text, text } from "../../text.ts";
import { type BaseImage, ensureBase, type Suite } from "../base-image.ts";
import type { Engine } from "../engine.ts";
import type { Mirrors } from "../mirrors.ts";
import { buildImage } from "./build.ts";
import { type Decision, decideImage } from "./decide.ts";
import { type ImageDefinition, readDefinition } from "./definition.ts";
import { fromPackages, hashInputs, type ImageSource, readInputs } from "./inputs.ts";
import { presentTags } from "./present.ts";
import { type BuiltImage, type ImageRecords, readRecords, succeed, writeRecords } from "./record.ts";

export interface ImageOptions {
  /** The clone: `images/` and `dist/` are in it. */
  readonly root: string;
  /** `images` of mall.yaml: references that replace built images, by image name. */
  readonly images?: Readonly<Record<string, string>>;
  /** `mirrors` of mall.yaml. */
  readonly mirrors?: Mirrors;
  /** Where images.json is: the mall's own folder, so that upgrading one mall changes no other. */
  readonly folder: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** An image that is in the engine and may be run. */
export interface ReadyImage {
  readonly name: string;
  readonly tag: string;
  readonly id: string;
  readonly version: string;
  /** Made from other inputs than this clone has, and kept on purpose: `mall upgrade` would replace it. */
  readonly outdated: boolean;
  /** Why it was made just now; undefined when it was there. */
  readonly built: Extract<Decision, { kind: "build" }>["reason"] | undefined;
}

interface Item {
  readonly definition: ImageDefinition;
  readonly source: ImageSource;
  readonly inputsHash: string;
}

/**
 * Every named image in the engine when this returns, by name. With nothing to make it costs one call of the engine
 * and the reading of a few files. What was finished before a failure or Ctrl-C stays finished.
 * @throws IMAGE_UNKNOWN, IMAGE_INPUT_MISSING, IMAGE_VERSION_UNSUPPORTED, IMAGE_BUILD_FAILED, DISK_FULL, those of
 * ensureBase; the signal's reason
 */
export async function ensureImages(
  engine: Engine,
  names: readonly string[],
  options: ImageOptions,
): Promise<ReadonlyMap<string, ReadyImage>> {
  const { folder } = options;
  const items = await Promise.all(
    [...new Set(names)].map((name) => readItem(options.root, name, options.images?.[name])),
  );
  const quick = settle(items, await readRecords(folder), await presentTags(engine, options.signal));
  if (quick.missing.length === 0) return quick.ready;
  return locked("building images", options.signal, async () => {
    // Another process may have made them while this one waited.
    const records = await readRecords(folder);
    const { ready, missing } = settle(items, records, await presentTags(engine));
    const built = await buildAll(
      engine,
      // The packages of the last upgrade, from the build cache: a changed bundle must not bring older ones back.
      missing.map(({ item, reason }) => ({
        ...item,
        refresh: records[item.definition.name]?.current.refresh ?? "",
        reason,
      })),
      options,
    );
    return new Map([...ready, ...built]);
  });
}

/** One process on this machine at a time makes images: two would take the same tag from each other. */
export async function locked<T>(
  purpose: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  await ensureFolder(stateHome());
  return withLock(join(stateHome(), "images.lock"), work, { purpose, signal });
}

export async function readItem(root: string, name: string, override: string | undefined): Promise<Item> {
  const definition = await readDefinition(root, name);
  const source = override ?? fromPackages;
  return { definition, source, inputsHash: hashInputs(await readInputs(root, definition), source) };
}

function settle(items: readonly Item[], records: ImageRecords, present: ReadonlyMap<string, string>) {
  const ready = new Map<string, ReadyImage>();
  const missing: { readonly item: Item; readonly reason: NonNullable<ReadyImage["built"]> }[] = [];
  for (const item of items) {
    const { name, stateful } = item.definition;
    const record = records[name];
    const there = record !== undefined && present.get(record.current.tag) === record.current.imageId;
    const decision = decideImage({ ...item, stateful }, record, there);
    if (decision.kind === "build") missing.push({ item, reason: decision.reason });
    else if (record !== undefined) ready.set(name, readyImage(name, record.current, decision.outdated));
  }
  return { ready, missing };
}

const readyImage = (name: string, built: BuiltImage, outdated: boolean): ReadyImage => {
  const { tag, imageId, version } = built;
  return { name, tag, id: imageId, version, outdated, built: undefined };
};

/** Each build works mostly on one core, and unpacking shares the disk: more at once are not sooner done. */
const parallelBuilds = Math.min(2, availableParallelism());

export interface BuildItem extends Item {
  readonly refresh: string;
  readonly reason: NonNullable<ReadyImage["built"]>;
}

/** Builds and records each image as it is finished. The first failure stops those that have not begun. */
async function buildAll(
  engine: Engine,
  items: readonly BuildItem[],
  options: ImageOptions,
): Promise<ReadonlyMap<string, ReadyImage>> {
  const { folder } = options;
  const ready = new Map<string, ReadyImage>();
  let writing: Promise<unknown> = Promise.resolve();
  const keep = (name: string, built: BuiltImage) => {
    writing = writing.then(async () => {
      const records = await readRecords(folder);
      await writeRecords(folder, { ...records, [name]: succeed(records[name], built) });
    });
    return writing;
  };
  await buildEach(engine, items, options, async (item, built) => {
    const { name } = item.definition;
    await keep(name, built);
    ready.set(name, { ...readyImage(name, built, false), built: item.reason });
  });
  return ready;
}

/** Builds several images side by side, as tasks of the progress. */
export async function buildEach<I extends Omit<BuildItem, "reason">>(
  engine: Engine,
  items: readonly I[],
  options: ImageOptions,
  done: (item: I, built: BuiltImage) => Promise<void>,
): Promise<void> {
  const { root, signal } = options;
  const progress = options.progress ?? silent;
  const bases = new Map<Suite, Promise<BaseImage>>();
  const baseOf = (suite: Suite): Promise<BaseImage> => {
    const known = bases.get(suite);
    if (known !== undefined) return known;
    const base = ensureBase(engine, suite, { progress, signal, mirror: options.mirrors?.apt });
    bases.set(suite, base);
    return base;
  };
  // Longest first: what comes last is what everything waits for.
  const waiting = [...items].sort((a, b) => b.definition.buildSeconds - a.definition.buildSeconds);
  progress.upcoming?.(waiting.map((item) => title(item)));
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const next = item;
      try {
        signal?.throwIfAborted();
        const base = next.source === fromPackages ? await baseOf(next.definition.suite) : undefined;
        await progress.task(title(next), async (note) => {
          const request = { ...next, root, base, mirrors: options.mirrors ?? {}, note, signal };
          await done(next, await buildImage(engine, request));
        });
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  };
  // Every worker ends before the failure is told: no build goes on behind an error's back.
  const ended = await Promise.allSettled(Array.from({ length: parallelBuilds }, worker));
  const failed = ended.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

const title = ({ definition, source }: Pick<Item, "definition" | "source">): Text =>
  source === fromPackages
    ? text(`image ${definition.name}`, `镜像 ${definition.name}`)
    : text(`image ${definition.name} on ${source}`, `镜像 ${definition.name}(基于 ${source})`);
