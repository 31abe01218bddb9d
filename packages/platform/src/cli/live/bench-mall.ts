/** The running mall, as its live figures are measured on it. */
import type { LiveMall } from "../../bench/live/mall.ts";
import { fileBackend, secretsFolder } from "../../secrets/backend.ts";
import { storeReader } from "../../secrets/reader.ts";
import { containerName } from "../../targets/compose/names.ts";
import { hostNet } from "../../targets/compose/ports.ts";
import { type Asking, openMall } from "../mall.ts";
import { openLive, said } from "./application.ts";
import { liveError } from "./errors.ts";
import { startTestStream } from "./test-stream.ts";

/** @throws LIVE_ABSENT, ENGINE_NOT_RUNNING, SPEC_* */
export async function liveToBench(ctx: Asking): Promise<LiveMall> {
  const live = await openLive(ctx);
  const { mall, plan, engine, stateHome } = await openMall(ctx);
  const ingest = plan.services.flatMap((s) => s.routes).find(({ name }) => name === "live-rtmp")?.members[0];
  if (ingest === undefined) throw liveError.LIVE_ABSENT({});
  const { name, bind } = mall.site;
  const backend = fileBackend(secretsFolder(name, stateHome));
  return {
    ...{ name, plan, engine, net: hostNet(plan, bind), progress: ctx.out, signal: ctx.signal },
    ...{ api: live.api, said },
    secretsOf: (client) => storeReader(plan, backend, client),
    ffmpeg: (words) => startTestStream(engine, containerName(name, ingest.instance), words),
  };
}
