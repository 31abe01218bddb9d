/** `mall down` on Compose: an orderly stop; with volumes, the mall's data and keys as well. */
import { rm } from "node:fs/promises";
import type { Engine } from "../../engine/engine.ts";
import type { Progress } from "../../progress.ts";
import { text } from "../../text.ts";
import { containersOf } from "./containers.ts";
import { networkName } from "./names.ts";
import type { MallFolders } from "./state.ts";
import { volumesOf } from "./volumes.ts";

export interface DownInput {
  readonly mall: string;
  readonly engine: Engine;
  readonly folders: MallFolders;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Deletes the data, the keys and everything else that this machine keeps of the mall. */
  readonly volumes: boolean;
}

export interface DownResult {
  readonly stopped: readonly string[];
  readonly volumes: readonly string[];
}

/**
 * Works by labels alone, so that it also clears what an interrupted `up` or a lost rendered folder left. The
 * containers stop at the same time, each with its own grace: first those that need another one to stop in order.
 */
export async function down(input: DownInput): Promise<DownResult> {
  const { engine, mall, progress, signal } = input;
  const containers = [...(await containersOf(engine, mall)).values()];
  if (containers.length > 0) {
    const ids = containers.map((container) => container.id);
    const first = containers.filter((container) => container.stopsFirst).map((container) => container.id);
    await progress.task(text("Stop the servers", "停止各服务"), async (note) => {
      note(`${ids.length}`);
      if (first.length > 0) await engine.docker(["stop", ...first], { signal });
      await engine.docker(["stop", ...ids], { signal });
      await engine.docker(["rm", ...ids], { signal });
    });
  }
  // Fails only when it is not there.
  await engine.tryDocker(["network", "rm", networkName(mall)], { signal });
  const volumes = input.volumes ? (await volumesOf(engine, mall)).map((volume) => volume.name) : [];
  if (input.volumes) {
    await progress.task(text("Delete the data and the keys", "删除数据与密钥"), async (note) => {
      note(`${volumes.length}`);
      if (volumes.length > 0) await engine.docker(["volume", "rm", ...volumes], { signal });
      await rm(input.folders.root, { recursive: true, force: true });
    });
  }
  return { stopped: containers.map((container) => container.instance), volumes };
}
