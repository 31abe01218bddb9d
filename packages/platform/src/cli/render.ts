/** Writes a mall's renderings into folders; no engine is asked, nothing is started. */
import { planMall } from "../services/plan-mall.ts";
import type { Mall } from "../spec/mall.ts";
import { stateHome } from "../state.ts";
import { writeFolder } from "../targets/compose/folder.ts";
import { renderCompose } from "../targets/compose/render.ts";
import { mallFolders, readIdentity } from "../targets/compose/state.ts";
import { renderHelm } from "../targets/helm/render.ts";
import { text } from "../text.ts";
import { imagesToRender } from "./mall.ts";
import type { Output } from "./output.ts";

export interface Rendered {
  readonly folder: string;
  readonly files: readonly string[];
  /** New, changed or removed. */
  readonly changed: readonly string[];
}

/** What a container gets where no engine has been asked: Docker's own usual limit. */
const usualFileLimit = 20_000;

export async function writeCompose(mall: Mall, folder: string): Promise<Rendered> {
  const plan = planMall(mall);
  const identity = await readIdentity(mallFolders(stateHome(), mall.site.name));
  const { files } = renderCompose({
    plan,
    bind: mall.site.bind,
    images: await imagesToRender(plan),
    mallId: identity?.id ?? "unmade",
    maxFiles: usualFileLimit,
  });
  return { folder, files: [...files.keys()], changed: await writeFolder(folder, files) };
}

export async function writeChart(mall: Mall, folder: string, version: string): Promise<Rendered> {
  const plan = planMall(mall);
  const files = renderHelm({ plan, version, images: await imagesToRender(plan) });
  return { folder, files: [...files.keys()], changed: await writeFolder(folder, files) };
}

export const sayRendered = ({ folder, files, changed }: Rendered, out: Output): string =>
  out.say(
    text(
      `${files.length} files in ${folder}, ${changed.length} of them new or changed.`,
      `${folder} 中共 ${files.length} 个文件，其中 ${changed.length} 个为新建或有变化。`,
    ),
  );
