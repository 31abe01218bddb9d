/** Looking at what is there, changing nothing: `mall images list`, `mall images lock`, and tags for a rendering. */
import type { MallPlan } from "../../plan/model.ts";
import { workloadsOf } from "../../plan/names.ts";
import type { Engine } from "../engine.ts";
import { decideImage } from "./decide.ts";
import { type ImageOptions, type ReadyImage, readItem } from "./ensure.ts";
import { presentTags } from "./present.ts";
import { type BuiltImage, type LockedImage, lockOf, readRecords } from "./record.ts";

export interface ImageRow {
  readonly name: string;
  readonly stateful: boolean;
  /** `packages`, or the reference named in mall.yaml. */
  readonly source: string;
  readonly state: "ready" | "outdated" | "absent";
  readonly current: BuiltImage | undefined;
  /** Ways back that the engine still has. */
  readonly previous: readonly BuiltImage[];
}

/** The named images with what is in use. Without an engine nothing counts as there. */
export async function listImages(
  engine: Engine | undefined,
  names: readonly string[],
  options: Pick<ImageOptions, "root" | "images" | "folder" | "signal">,
): Promise<readonly ImageRow[]> {
  const records = await readRecords(options.folder);
  const present =
    engine === undefined ? new Map<string, string>() : await presentTags(engine, options.signal);
  const there = (built: BuiltImage) => present.get(built.tag) === built.imageId;
  return Promise.all(
    names.map(async (name): Promise<ImageRow> => {
      const item = await readItem(options.root, name, options.images?.[name]);
      const { stateful } = item.definition;
      const record = records[name];
      const current = record !== undefined && there(record.current) ? record.current : undefined;
      const decision = decideImage({ ...item, stateful }, record, current !== undefined);
      const stale = decision.kind === "keep" ? decision.outdated : current !== undefined;
      return {
        name,
        stateful,
        source: item.source,
        state: current === undefined ? "absent" : stale ? "outdated" : "ready",
        current,
        previous: (record?.previous ?? []).filter(there),
      };
    }),
  );
}

/** What is inside of every image in use, by image name: the content of images.lock.json. */
export async function imageLock(folder: string): Promise<Readonly<Record<string, LockedImage>>> {
  return lockOf(await readRecords(folder));
}

/** Image names that the workloads of a plan run. */
export const imagesOf = (plan: MallPlan): readonly string[] => [
  ...new Set(workloadsOf(plan).map((workload) => workload.image.name)),
];

/** Pure. What to run for each image name of a plan, as the targets take it. */
export function imageRefs(
  plan: MallPlan,
  images: ReadonlyMap<string, Pick<ReadyImage, "tag">>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    imagesOf(plan).map((name) => {
      const image = images.get(name);
      if (image === undefined) throw new Error(`image ${name} was not made ready`);
      return [name, image.tag];
    }),
  );
}
