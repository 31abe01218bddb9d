import { setTimeout as sleep } from "node:timers/promises";
import { MallError } from "../../../errors.ts";
import { askAt } from "../../../services/https-client.ts";
import { containerName } from "../../../targets/compose/names.ts";
import { hostNet } from "../../../targets/compose/ports.ts";
import { text } from "../../../text.ts";
import { type LiveApplication, openLive, said } from "../../live/application.ts";
import { liveError } from "../../live/errors.ts";
import { pageOf, signedUrls, timeAhead } from "../../live/rooms.ts";
import { ffmpegWords, startTestStream, type TestStream } from "../../live/test-stream.ts";
import { openMall } from "../../mall.ts";
import { defineVerb } from "../../verb.ts";

/** The key is revoked at the end; one whose command was killed ends by itself. */
const keyMs = 24 * 60 * 60_000;
/** The address is used at once, and stands in the container's list of processes. */
const pushMs = 30_000;
const playMs = 24 * 60 * 60_000;
/** Three seconds make a segment; a busy machine takes longer. */
const playableMs = 30_000;
const pollMs = 500;

export default defineVerb({
  description: text(
    "Publishes a test picture with a clock of the time of day, by ffmpeg in an ingest's container, and prints where to watch it. Makes the room when it is not there. Goes on until Ctrl-C, which ends ffmpeg and revokes its key.",
    "用推流入口容器内的 ffmpeg 推送带当前时间的测试画面，并输出观看地址。直播间不存在时自动创建。持续到 Ctrl-C，届时结束 ffmpeg 并吊销其密钥。",
  ),
  examples: [
    { command: "live demo", does: text("in the room demo, until Ctrl-C", "在 demo 直播间，直到 Ctrl-C") },
    { command: "live demo --room market --seconds 60", does: text("for a minute", "持续一分钟") },
  ],
  arguments: {},
  options: {
    room: { type: "string", value: "name", default: "demo", description: text("Which room", "直播间") },
    seconds: { type: "number", value: "seconds", description: text("How long", "持续秒数") },
  },
  async run(ctx) {
    const { out, options } = ctx;
    const live = await openLive(ctx);
    const { mall, plan, engine } = await openMall(ctx);
    const path = { name: options.room };
    await ensureRoom(live, options.room);
    const key = await said(
      live.api.POST("/v1/rooms/{name}/keys", {
        params: { path },
        body: { expiresAt: timeAhead(keyMs, Date.now()) },
      }),
    );
    let stream: TestStream | undefined;
    try {
      const urls = await signedUrls(live, options.room, { dialect: "tencent", ttl: pushMs });
      const ingest = plan.services.flatMap((s) => s.routes).find(({ name }) => name === "live-rtmp");
      const edge = plan.services.flatMap((s) => s.routes).find(({ name }) => name === "live-edge");
      if (ingest === undefined || edge === undefined || urls.push === null) throw liveError.LIVE_ABSENT({});
      const [member] = ingest.members;
      const address = `rtmp://${ingest.name}:${ingest.port}/live/${urls.push.obs.streamKey}`;
      stream = startTestStream(
        engine,
        containerName(mall.site.name, member?.instance ?? ""),
        ffmpegWords(address, options.seconds),
      );
      const { play } = await signedUrls(live, options.room, { dialect: "nginx", ttl: playMs });
      const page = pageOf(play.url, options.room);
      const media = new URL(play.url.replace(".m3u8", "/source.m3u8"));
      const isPlayed = async (): Promise<boolean> => {
        // An earlier broadcast of the room can still be watched for a minute.
        const room = await said(live.api.GET("/v1/rooms/{name}", { params: { path } }));
        if (!("broadcast" in room) || room.broadcast?.keyId !== key.id) return false;
        const net = hostNet(plan, mall.site.bind);
        const asker = { net, secrets: live.secrets, signal: ctx.signal, patience: 1 };
        const question = { path: `${media.pathname}${media.search}`, anonymous: true } as const;
        const { text: playlist } = await askAt(asker, edge.name, net.route(edge), question);
        return playlist.includes(`${room.broadcast.id}-`);
      };
      await out.task(text("Wait for the first segment", "等待第一个分片"), () =>
        playable(isPlayed, stream as TestStream, ctx.signal),
      );
      out.result({ room: options.room, page, playlist: play.url, caFile: live.caFile }, () =>
        out.table(
          [out.say(text("page", "页面")), page],
          [
            [out.say(text("playlist", "播放列表")), play.url],
            ["CA", live.caFile],
          ],
        ),
      );
      if (options.seconds === undefined) out.note(text("It goes on until Ctrl-C.", "将持续到 Ctrl-C。"));
      await endOf(stream, ctx.signal);
    } finally {
      stream?.stop();
      await stream?.ended;
      // Also after Ctrl-C, which has ended the signal of every request.
      const calm = await openLive({ file: ctx.file, signal: new AbortController().signal });
      await said(
        calm.api.DELETE("/v1/rooms/{name}/keys/{id}", { params: { path: { ...path, id: key.id } } }),
      );
    }
    ctx.signal.throwIfAborted();
    return undefined;
  },
});

async function ensureRoom(live: LiveApplication, name: string): Promise<void> {
  const body = { name, title: "测试直播 Test stream", merchant: "mall", visibility: "public" } as const;
  await said(live.api.POST("/v1/rooms", { body })).catch((error: unknown) => {
    const exists =
      error instanceof MallError && error.code === "LIVE_REFUSED" && error.message.includes("ROOM_EXISTS");
    if (!exists) throw error;
  });
}

/** @throws LIVE_DEMO_ENDED when ffmpeg ends before its time, the signal's reason when it is aborted */
async function endOf(stream: TestStream, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const ended = await Promise.race([stream.ended, aborted]);
  signal.throwIfAborted();
  if (ended !== undefined && ended.code !== 0) throw liveError.LIVE_DEMO_ENDED({ output: lastWords(ended) });
}

const lastWords = ({ code, output }: { readonly code: number; readonly output: string }): string =>
  output.split("\n").at(-1) || `exit code ${code}`;

/** Until an edge has something to play. @throws LIVE_DEMO_ENDED, LIVE_AWAY */
async function playable(
  isThere: () => Promise<boolean>,
  stream: TestStream,
  signal: AbortSignal,
): Promise<void> {
  for (const until = Date.now() + playableMs; ; ) {
    if (await isThere().catch(() => false)) return;
    const ended = await Promise.race([stream.ended, sleep(pollMs, undefined, { signal })]);
    if (ended !== undefined) throw liveError.LIVE_DEMO_ENDED({ output: lastWords(ended) });
    if (Date.now() > until) throw liveError.LIVE_AWAY({ reason: `no segment within ${playableMs / 1000} s` });
  }
}
