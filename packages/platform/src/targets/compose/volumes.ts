/** The named volumes of a mall on its engine. */
import type { Engine } from "../../engine/engine.ts";
import { composeError } from "./errors.ts";
import { labels } from "./names.ts";

export interface MallVolume {
  readonly name: string;
  readonly mallId: string;
}

export async function volumesOf(engine: Engine, mall: string): Promise<readonly MallVolume[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${labels.mall}=${mall}`] }));
  const { Volumes } = (await engine.api(`/volumes?filters=${filters}`)) as {
    readonly Volumes: readonly { Name: string; Labels: Record<string, string> | null }[] | null;
  };
  return (Volumes ?? []).map((one) => ({ name: one.Name, mallId: one.Labels?.[labels.id] ?? "" }));
}

/** @throws FOREIGN_VOLUMES when data of another mall of this name is here: its keys are not ours to guess. */
export async function refuseForeignVolumes(engine: Engine, mall: string, mallId: string): Promise<void> {
  const foreign = (await volumesOf(engine, mall)).filter((volume) => volume.mallId !== mallId);
  if (foreign.length > 0) throw composeError.FOREIGN_VOLUMES({ mall, volumes: foreign.map((v) => v.name) });
}
