/** What the verbs about images share: which images, for which mall, and how they are told. */

import { imageNames } from "../engine/images/definition.ts";
import type { ImageOptions } from "../engine/images/ensure.ts";
import { imagesOf } from "../engine/images/list.ts";
import { loadMallFile } from "../services/mall-schema.ts";
import { planMall } from "../services/plan-mall.ts";
import { stateHome } from "../state.ts";
import { mallFolders } from "../targets/compose/state.ts";
import type { Asking } from "./mall.ts";

export interface MallImages extends ImageOptions {
  /** Those that its workloads run. */
  readonly names: readonly string[];
}

/** Images of the mall that `-f` names, as building and listing them take it. @throws SPEC_* */
export async function mallImages(asking: Asking & { readonly root: string }): Promise<MallImages> {
  const { mall } = await loadMallFile(asking.file);
  const { site } = mall;
  return {
    names: imagesOf(planMall(mall)),
    root: asking.root,
    folder: mallFolders(stateHome(), site.name).root,
    images: site.images,
    mirrors: site.mirrors,
    progress: asking.out,
    signal: asking.signal,
  };
}

export const offeredImages = (): Promise<readonly string[]> => imageNames(process.env.MALL_ROOT ?? ".");

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
