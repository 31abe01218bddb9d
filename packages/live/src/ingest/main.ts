/** Entry of the bundle `dist/live/ingest.mjs`: process 1 of an ingest. It ends when either nginx does. */
import { readFile } from "node:fs/promises";
import type { Server } from "node:net";
import { join } from "node:path";
import { openBucket } from "../bucket/bucket.ts";
import { appClient } from "./app-client.ts";
import { startBroadcast } from "./broadcast.ts";
import { placesOf, readConfig } from "./config.ts";
import { hooksServer } from "./hooks-server.ts";
import { ladderSlots } from "./ladder-slots.ts";
import { lineLog } from "./log.ts";
import { emptyHistogram, observe, renderMetrics } from "./metrics.ts";
import { askSocket, dropPublisher, received, startNginx } from "./nginx.ts";
import { posterOf } from "./poster.ts";
import { readBucketCredentials, readIdentity, watchIdentity } from "./secrets.ts";
import { openSessions } from "./sessions.ts";
import { stageRelay } from "./stage-relay.ts";
import { statusServer } from "./status-server.ts";
import { openStore } from "./store.ts";
import { openUploads } from "./upload.ts";
import { whipGate } from "./whip-gate.ts";

const log = lineLog((line) => void process.stdout.write(line));
process.on("unhandledRejection", (error) => log("error", "nobody waited for this", { why: String(error) }));

try {
  await serve(process.env.MALL_INSTANCE ?? "");
} catch (error) {
  log("error", error instanceof Error ? error.message : String(error));
  process.exit(1);
}

async function serve(instance: string): Promise<void> {
  if (instance === "") throw new Error("MALL_INSTANCE is not set: it names the instance whose files to read");
  const places = placesOf(instance);
  const config = await readConfig(join(places.config, "ingest.json"));
  const files = ["nginx.conf", "origin.conf"] as const;
  const [rtmpText, originText] = await Promise.all(
    files.map((name) => readFile(join(places.config, name), "utf8")),
  );
  const identity = await readIdentity(places.secrets);
  let current = identity;
  const startedAt = new Date().toISOString();
  const store = openStore(places.hls);
  await store.clear();

  const app = appClient(config, identity, log);
  const bucket =
    config.minio === undefined
      ? undefined
      : openBucket(config.minio, () => readBucketCredentials(places.secrets));
  const uploads =
    bucket === undefined
      ? undefined
      : openUploads({ bucket, store, instance, log, recorded: app.recorded, poster: posterOf });
  const slots = ladderSlots(config.ladders);
  const { livekit } = config;
  const relay = livekit === undefined ? undefined : stageRelay({ slots: ladderSlots(config.stages), log });
  if (livekit !== undefined && relay !== undefined) {
    const gate = whipGate({ livekit, identity: () => current, tokenOf: relay.tokenOf });
    await listening(gate, 0, "127.0.0.1");
    relay.through(gate);
  }
  let answers = emptyHistogram;
  const sessions = openSessions({
    instance,
    app,
    log,
    keepEndedSeconds: config.keepEndedSeconds,
    onAnswered: (seconds) => {
      answers = observe(answers, seconds);
    },
    ...(relay === undefined ? {} : { onStage: relay.want }),
    drop: async (stream, clientId) => {
      const cut = await dropPublisher(places.control, stream, clientId);
      log("info", "cut", { stream, clientId, cut });
    },
    start: (stream, broadcast, onUnsupported) => {
      const recorder = uploads?.recorder(stream, broadcast);
      const made = startBroadcast({
        ...config,
        ...{ store, stream, broadcast, log, onUnsupported, ladderSlots: slots },
        ...(recorder === undefined ? {} : { onKept: recorder.add }),
        received: () => received(places.control, stream),
      });
      const stop = (ended: boolean) => made.stop(ended).finally(() => recorder?.end());
      return { ...made, stop };
    },
  });
  const status = statusServer(
    identity,
    {
      state: () => ({
        instance,
        startedAt,
        streams: sessions.live(),
        refused: sessions.refusals(),
        refusedTotal: sessions.refusedTotal(),
        untold: app.pending(),
        uploads: uploads?.figures(),
        stages: relay?.figures(),
      }),
      configuration: () => ({ "nginx.conf": rtmpText, "origin.conf": originText }),
      metrics: async () =>
        renderMetrics({
          ...sessions.counts(),
          live: sessions.live(),
          refused: sessions.refusedTotal(),
          untold: app.pending(),
          uploads: uploads?.figures(),
          answers,
          origin: await askSocket(places.figures, "/stub_status").catch(() => undefined),
        }),
      fault: async () => {
        const asked = [
          askSocket(places.control, "/stat").then(
            () => undefined,
            () => "nginx does not take RTMP",
          ),
          askSocket(places.figures, "/stub_status").then(
            () => undefined,
            () => "the origin does not answer",
          ),
        ];
        return (await Promise.all(asked)).find((each) => each !== undefined);
      },
    },
    log,
  );

  const hooks = hooksServer(sessions, log);
  // Before nginx: a publisher that comes at once is to find somebody who answers.
  await listening(hooks, 80, "127.0.0.1");
  await listening(status.server, 9443, "0.0.0.0");
  const rtmp = startNginx("rtmp", join(places.config, "nginx.conf"));
  const origin = startNginx("origin", join(places.config, "origin.conf"));
  const unwatch = watchIdentity(places.secrets, async () => {
    const next = await readIdentity(places.secrets);
    current = next;
    status.use(next);
    app.use(next);
    origin.reload();
    log("info", "another certificate is served");
  });
  log("info", "serves", { instance });

  let ending = false;
  const end = async (code: number, why: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log(code === 0 ? "info" : "error", "ends", { why });
    unwatch();
    // Before nginx, which says of each publisher whose connection it cuts that it has ended.
    const closed = sessions.close("instance stopped");
    relay?.close();
    rtmp.stop();
    await closed;
    // What is not uploaded by then is lost with this container's disk.
    await uploads?.close(5_000);
    await app.close(3_000);
    origin.stop();
    process.exit(code);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end(0, signal));
  for (const server of [rtmp, origin]) {
    server.gone.then((why) => end(1, `nginx (${server.name}) is gone: ${why}`));
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
