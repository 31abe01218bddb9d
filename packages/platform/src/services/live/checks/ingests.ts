/** LV-1, LV-2: two ingests, each as the deployment plan writes it, and every edge plays what either takes. */
import { z } from "zod";
import { rtmpClient, rtmpOver } from "../../../../../live/src/rtmp/client.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import { askAt } from "../../https-client.ts";
import { dialTls } from "../../tls-probe.ts";
import { ask } from "../client.ts";
import { planLines, planOriginLines } from "../ingest-config.ts";
import { namesOf, ports } from "../names.ts";
import { routeTo } from "../operator.ts";
import { ingestSettings } from "../plan/ingest.ts";
import { failed, header, type LiveCheck, type LiveCtx, passed, type Step, steps, view } from "./evidence.ts";
import { onAir, withRoom } from "./room.ts";
import { playable } from "./stream.ts";

export const everywhere: LiveCheck = {
  id: "live.published-anywhere-played-everywhere",
  requirements: ["LV-1"],
  title: text(
    "What is published to either ingest is played from every edge, and both stand behind one address",
    "推送到任一入口的直播都可从每个边缘节点播放，且两个入口共用一个地址",
  ),
  kind: "scratch",
  needs: ["net"],
  waitsMs: 2_000,
  async run(ctx) {
    const { right, evidence } = await steps(async (step) => {
      await Promise.all(namesOf("ingest").map((ingest) => playedEverywhere(ctx, step, ingest)));
      const plain = routeTo(ctx, "rtmp");
      const client = await rtmpClient(plain.host, plain.port);
      client.end();
      step("live-rtmp", "an ingest takes the connection", true);
      const secret = routeTo(ctx, "rtmps");
      const limits = { signal: ctx.signal, timeoutMs: 10_000 };
      const { ca } = await ctx.secrets.identity();
      const overTls = await rtmpOver(await dialTls(secret, { ca }, limits), `rtmps://${secret.host}`);
      overTls.end();
      step("live-rtmps", "an ingest takes the connection over TLS", true);
    });
    return right
      ? passed(
          text(
            `${namesOf("ingest").length} ingests, played from ${namesOf("edge").length} edges`,
            `${namesOf("ingest").length} 个入口，${namesOf("edge").length} 个边缘节点均可播放`,
          ),
          evidence,
        )
      : failed(text("not played everywhere", "并非处处可播放"), evidence);
  },
};

/** The first byte of each packet of a transport stream (ISO/IEC 13818-1, 2.4.3.2). */
const syncByte = "G";

const playedEverywhere = (ctx: LiveCtx, step: Step, ingest: InstanceName): Promise<void> =>
  withRoom(ctx, (room) =>
    onAir(ctx.net.address(ingest, ports.rtmp.name), `${room.name}?key=${room.key}`, async () => {
      for (const edge of namesOf("edge")) {
        const { segment } = await playable(ctx, edge, room);
        const got = await view(ctx, edge, segment);
        const read = `published to ${ingest}: segment ${got.status} ${header(got, "content-type")}, ${got.text.length} bytes`;
        step(edge, read, got.status === 200 && got.text.startsWith(syncByte));
      }
    }),
  );

const configuration = z.object({ "nginx.conf": z.string(), "origin.conf": z.string() });

/** Pure. Of these lines, those that a configuration lacks, whatever their indentation. */
export function missingLines(configuration: string, wanted: readonly string[]): readonly string[] {
  const lines = new Set(configuration.split("\n").map((line) => line.trim()));
  return wanted.filter((line) => !lines.has(line));
}

export const planConfiguration: LiveCheck = {
  id: "live.plan-configuration",
  requirements: ["LV-2"],
  title: text(
    "Each ingest runs with the deployment plan's nginx configuration",
    "每个入口都以部署计划中的 nginx 配置运行",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence } = await steps(async (step) => {
      for (const ingest of namesOf("ingest")) {
        const { text: read } = await ask(ctx, ingest, ports.status.name, "/v1/configuration");
        const running = configuration.parse(JSON.parse(read));
        for (const [file, wanted] of [
          ["nginx.conf", planLines(ingestSettings(ctx.spec, ingest))],
          ["origin.conf", planOriginLines],
        ] as const) {
          const missing = missingLines(running[file], wanted);
          const said = missing.length === 0 ? wanted.join(" ") : `without: ${missing.join(" ")}`;
          step(`${ingest} ${file}`, said, missing.length === 0);
        }
        const address = ctx.net.address(ingest, ports.origin.name);
        const none = await askAt(ctx, ingest, address, { path: "/hls/none.m3u8" });
        const [cache, cors] = [header(none, "cache-control"), header(none, "access-control-allow-origin")];
        const read8080 = `/hls answers ${none.status}, Cache-Control ${cache}, Access-Control-Allow-Origin ${cors}`;
        step(`${ingest}:${ports.origin.number}`, read8080, cache === "no-cache" && cors === "*");
      }
    });
    return right
      ? passed(text("every line of the plan is there", "计划中的每一行都在"), evidence)
      : failed(text("not as the plan says", "与计划不符"), evidence);
  },
};
