/** The malls that this state directory keeps, and those whose data the engine holds beside them. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../engine/engine.ts";
import { isErrno } from "../../state.ts";
import { labels } from "./names.ts";
import { mallFolders, readIdentity } from "./state.ts";

export interface KnownMall {
  readonly name: string;
  readonly folder: string;
  /** Undefined before its first `up`. */
  readonly id: string | undefined;
}

/** @throws MALL_STATE_CORRUPT */
export async function mallsKnown(stateHome: string): Promise<readonly KnownMall[]> {
  const entries = await readdir(join(stateHome, "malls"), { withFileTypes: true }).catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  });
  return Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const folders = mallFolders(stateHome, name);
        return { name, folder: folders.root, id: (await readIdentity(folders))?.id };
      }),
  );
}

/** Names of malls that have volumes or containers here and are kept by another state directory. */
export async function strangers(
  engine: Pick<Engine, "api">,
  known: readonly KnownMall[],
): Promise<readonly string[]> {
  const ids = new Set(known.map((mall) => mall.id));
  const filters = encodeURIComponent(JSON.stringify({ label: [labels.mall] }));
  const [volumes, containers] = (await Promise.all([
    engine.api(`/volumes?filters=${filters}`),
    engine.api(`/containers/json?all=1&filters=${filters}`),
  ])) as readonly [{ readonly Volumes: readonly Labelled[] | null }, readonly Labelled[]];
  const names = [...(volumes.Volumes ?? []), ...containers].flatMap(({ Labels }) =>
    Labels === null || ids.has(Labels[labels.id]) ? [] : [Labels[labels.mall] ?? ""],
  );
  return [...new Set(names)].sort();
}

interface Labelled {
  readonly Labels: Readonly<Record<string, string>> | null;
}
