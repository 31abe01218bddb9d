/** The live-ingest image by itself: real publishers before it, an application that the test plays behind it. */
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { faultsOver, readPlaylist } from "../../../packages/live/src/hls/rules.ts";
import { rtmpClient } from "../../../packages/live/src/rtmp/client.ts";
import { planLines, planOriginLines } from "../../../packages/platform/src/services/live/ingest-config.ts";
import { type FlvTag, flvTags } from "../../support/flv.ts";
import { eventually, h264, type IngestBench, ingestBench, picture } from "../../support/ingest-bench.ts";

let live: IngestBench;
/** Four seconds of a blue picture, as an FLV file's tags. */
let clip: readonly FlvTag[];

beforeAll(async () => {
  live = await ingestBench();
  const script = `ffmpeg -v error -f lavfi -i color=blue:size=320x180:rate=15 -t 4 ${h264(15).join(" ")} -f flv /tmp/blue.flv
busybox base64 /tmp/blue.flv`;
  const { stdout, stderr } = await live.studio.exec("sh", "-c", script);
  clip = flvTags(Buffer.from(stdout, "base64"));
  if (clip.length < 60) throw new Error(`no clip: ${stderr}`);
}, 400_000);
afterAll(() => live?.close(), 60_000);
afterEach(() => {
  live.app.answer(() => undefined);
  live.app.away(false);
});

const asked = (path: string, room: string) =>
  live.app.asked.filter((each) => each.path === path && each.body.stream === room);
const playlistOf = async (room: string) => {
  const { status, text } = await live.get(`/live/${room}/source.m3u8`);
  return status === 200 ? text : undefined;
};
const playable = (room: string, segments = 1) =>
  eventually(`${room} has ${segments} segments`, async () => {
    const text = await playlistOf(room);
    return text !== undefined && readPlaylist(text).segments.length >= segments && text;
  });
const isLive = async (room: string) => (await live.state()).streams.some((each) => each.stream === room);

/** Reads a room's playlist until it has ended. */
async function watch(room: string, withinMs: number): Promise<readonly string[]> {
  const readings: string[] = [];
  await eventually(
    `${room} ends`,
    async () => {
      const text = await playlistOf(room);
      if (text !== undefined && text !== readings.at(-1)) readings.push(text);
      return text !== undefined && readPlaylist(text).ended;
    },
    withinMs,
  );
  return readings;
}

interface Frame {
  readonly pts: number;
  readonly key: boolean;
}

/** Pictures (or pieces of sound) of a segment, in their order within it. */
async function framesOf(room: string, uri: string, kind: "v" | "a" = "v"): Promise<readonly Frame[]> {
  const { stdout, stderr } = await live.ingest.exec(
    ...["ffprobe", "-v", "error", "-f", "mpegts", "-select_streams", kind],
    ...["-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", `/run/hls/${room}/${uri}`],
  );
  if (stderr !== "") throw new Error(stderr);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [pts, flags = ""] = line.split(",");
      return { pts: Number(pts), key: flags.startsWith("K") };
    });
}

/** Mean colour of a segment's first picture. */
async function colourOf(room: string, uri: string): Promise<readonly number[]> {
  const script = `ffmpeg -v error -i "$1" -frames:v 1 -vf scale=1:1 -pix_fmt rgb24 -f rawvideo - | busybox od -An -v -t u1`;
  const { stdout } = await live.ingest.exec("sh", "-c", script, "colour", `/run/hls/${room}/${uri}`);
  return stdout.trim().split(/\s+/).map(Number);
}

test("the running servers hold the plan's lines, and say so to whoever has a certificate", async () => {
  const { text } = await live.get("/v1/configuration", { port: 9443 });
  const running = JSON.parse(text) as Record<string, string>;
  const lines = (name: string) => (running[name] ?? "").split("\n").map((line) => line.trim());
  for (const line of planLines(live.settings)) expect(lines("nginx.conf")).toContain(line);
  for (const line of planOriginLines) expect(lines("origin.conf")).toContain(line);
  const files = await live.ingest.exec("sh", "-c", "cat /config/$MALL_INSTANCE/nginx.conf");
  expect(files.stdout.trim()).toBe(running["nginx.conf"]?.trim());
  // One worker takes RTMP, as the module's state is a worker's own.
  const { stdout } = await live.ingest.exec("ps", "-o", "pid,ppid,args");
  const master = /^\s*(\d+)\s+1\s+nginx: master.*\/nginx\.conf/m.exec(stdout)?.[1] ?? stdout;
  const child = new RegExp(`^\\s*\\d+\\s+${master}\\s+nginx: worker`);
  const workers = stdout.split("\n").filter((line) => child.test(line));
  expect(workers.length).toBe(1);
});

test("neither origin nor state without a certificate of the mall", async () => {
  for (const port of [8080, 9443]) {
    const path = port === 8080 ? "/live/nobody.m3u8" : "/v1/state";
    expect((await live.get(path, { port })).status).toBe(port === 8080 ? 404 : 200);
    const answer = await live.get(path, { port, certificate: false }).then(
      ({ status }) => status,
      (error: unknown) => String(error),
    );
    // nginx says so in words, Node.js by ending the handshake.
    if (port === 8080) expect(answer).toBe(400);
    else expect(answer).toMatch(/certificate required|ECONNRESET|socket hang up/);
  }
});

test("what publishers send becomes playable by the rules: RTMP and RTMPS, sound alone, pictures alone", async () => {
  const { exec } = live.studio;
  const own = (await exec("sh", "-c", "grep studio /etc/hosts")).stdout.split(/\s/)[0];
  const rooms = [
    { room: "plain", seconds: 15 },
    { room: "secure", seconds: 15, tls: true },
    { room: "sound", seconds: 12, video: null },
    { room: "silent", seconds: 12, audio: null },
  ];
  const publishers = rooms.map((each) => live.publish(each));
  const all = await Promise.all(rooms.map(({ room }) => watch(room, 40_000)));
  for (const { ended } of publishers) expect((await ended).exitCode).toBe(0);

  for (const [index, { room }] of rooms.entries()) {
    const readings = all[index] ?? [];
    expect(faultsOver(readings), room).toEqual([]);
    expect(readings.length).toBeGreaterThanOrEqual(3);
    const { segments } = readPlaylist(readings.at(-1) ?? "");
    const kind = room === "sound" ? "a" : "v";
    let before: { readonly last: number; readonly step: number } | undefined;
    for (const segment of segments) {
      expect(segment.discontinuity).toBe(false);
      const served = await live.get(`/live/${room}/${segment.uri}`);
      expect([served.status, served.type, served.body[0]]).toEqual([200, "video/mp2t", 0x47]);
      expect(served.headers["cache-control"]).toContain("immutable");
      const frames = await framesOf(room, segment.uri, kind);
      if (kind === "v") expect(frames[0]?.key, `${segment.uri} begins with a keyframe`).toBe(true);
      const times = frames.map((frame) => frame.pts).sort((a, b) => a - b);
      const [first = 0] = times;
      const last = times.at(-1) ?? 0;
      const step = (last - first) / Math.max(1, times.length - 1);
      // The next one's first picture follows this one's last as any follows another.
      if (before !== undefined) expect(Math.abs(first - before.last - before.step)).toBeLessThan(0.06);
      expect(Math.abs(last + step - first - segment.duration)).toBeLessThan(0.12);
      before = { last, step };
    }
    expect(asked("/internal/publish", room)[0]).toMatchObject({
      client: "live-ingest-1",
      body: { stream: room, query: "key=right", instance: "live-ingest-1", address: own },
    });
    const done = await eventually("the application is told", async () => asked("/internal/done", room)[0]);
    expect(done.body).toMatchObject({ reason: "unpublished" });
  }
  const total = readPlaylist(all[0]?.at(-1) ?? "").segments.reduce((sum, each) => sum + each.duration, 0);
  expect(total).toBeGreaterThan(11);
  const master = await live.get("/live/plain.m3u8");
  expect(master.headers["cache-control"]).toBe("no-cache");
  expect(master.type).toBe("application/vnd.apple.mpegurl");
  expect(master.text).toMatch(
    /BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.42[c0-9e]0[0-9a-f]{2},mp4a\.40\.2",RESOLUTION=320x180,FRAME-RATE=15\.0/,
  );
  expect(master.text).toContain("\nplain/source.m3u8\n");
  expect((await live.get("/live/sound.m3u8")).text).toMatch(
    /BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="mp4a\.40\.2"\n/,
  );
  expect((await live.get("/live/silent.m3u8")).text).toMatch(/CODECS="avc1\.42[c0-9e]0[0-9a-f]{2}",/);
  const hls = await live.get("/hls/plain/source.m3u8");
  expect(hls.headers["access-control-allow-origin"]).toBe("*");
  expect(hls.headers["cache-control"]).toBe("no-cache");
  expect((await live.get("/live/.work/1")).status).toBe(404);
}, 60_000);

test("a wrong key is refused within a second, and nothing is left to see", async () => {
  live.app.answer(({ path }) =>
    path === "/internal/publish"
      ? { status: 403, body: { code: "KEY_WRONG", reason: "no such key" } }
      : undefined,
  );
  const client = await rtmpClient(live.address, 1935);
  client.publish("mistaken?key=wrong");
  expect(await client.closed(5_000)).toBeLessThan(1_000);
  expect(client.codes).not.toContain("NetStream.Publish.Start");
  expect((await live.state()).refused[0]).toMatchObject({ stream: "mistaken", code: "KEY_WRONG" });
  expect((await live.get("/live/mistaken.m3u8")).status).toBe(404);
  const { ended } = live.publish({ room: "mistaken", query: "key=wrong", seconds: 10 });
  const { exitCode, seconds } = await ended;
  expect(exitCode).not.toBe(0);
  expect(seconds).toBeLessThan(5);
});

test("media sent before the application answered is never seen, whatever the answer is", async () => {
  let answer: (accepted: boolean) => void = () => {};
  for (const accepted of [false, true]) {
    const room = accepted ? "late-yes" : "late-no";
    live.app.answer(({ path, body }) =>
      path === "/internal/publish" && body.stream === room
        ? new Promise((resolve) => {
            answer = (yes) =>
              resolve(
                yes
                  ? { status: 200, body: { broadcast: "blate1" } }
                  : { status: 403, body: { code: "KEY_WRONG", reason: "no such key" } },
              );
          })
        : undefined,
    );
    const client = await rtmpClient(live.address, 1935);
    client.publish(`${room}?key=late`);
    // All four seconds of it, before anybody was asked whether it may.
    for (const tag of clip) client.media(tag.type, tag.timestamp, tag.body);
    for (let i = 0; i < 8; i++) {
      expect((await live.get(`/live/${room}.m3u8`)).status).toBe(404);
      expect((await live.get(`/live/${room}/source.m3u8`)).status).toBe(404);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    // The module did write it, which is why that folder is nobody's to see.
    expect((await live.ingest.exec("ls", "/tmp/hls")).stdout).toContain(room);
    answer(accepted);
    if (!accepted) {
      expect(await client.closed(5_000)).toBeDefined();
    } else {
      await eventually("it is live", () => isLive(room), 5_000);
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    client.end();
    if (accepted) await eventually("it is over", async () => !(await isLive(room)), 8_000);
    const seen = await live.ingest.exec("sh", "-c", `find /run/hls -path '*${room}*'`);
    expect(seen.stdout).toBe("");
  }
}, 40_000);

test("a second publisher of a live name is refused: its picture is never seen, and its leaving ends nothing", async () => {
  const red = live.publish({ room: "taken", seconds: 40, video: picture("color=red"), audio: null });
  try {
    await playable("taken");
    const before = live.app.asked.length;
    const client = await rtmpClient(live.address, 1935);
    client.publish("taken?key=right");
    for (const tag of clip) client.media(tag.type, tag.timestamp, tag.body);
    expect(await client.closed(5_000)).toBeLessThan(1_000);
    expect((await live.state()).refused[0]).toMatchObject({ stream: "taken", code: "ALREADY_LIVE" });
    // The application need not be asked for that.
    const since = live.app.asked.slice(before).filter((each) => each.path === "/internal/publish");
    expect(since).toEqual([]);
    const text = await playable("taken", 4);
    for (const { uri } of readPlaylist(text).segments) {
      const [r = 0, , b = 255] = await colourOf("taken", uri);
      expect(r).toBeGreaterThan(200);
      expect(b).toBeLessThan(60);
    }
    expect(await isLive("taken")).toBe(true);
  } finally {
    await red.stop();
  }
}, 50_000);

test.each([
  ["the key twice", "room?key=right&key=wrong", "REPEATED_PARAMETER"],
  ["the key twice, once encoded", "room?key=wrong&%6Bey=right", "REPEATED_PARAMETER"],
  ["another signature behind", "room?auth_key=1&auth_key=2", "REPEATED_PARAMETER"],
  ["the module's own words", "room?key=right&clientid=1&name=other", "REPEATED_PARAMETER"],
  ["300 characters", `${"a".repeat(300)}?key=right`, "TOO_LONG"],
  ["a query that the module cuts", `room?key=right&x=${"a".repeat(300)}`, "TOO_LONG"],
  ["no name", "?key=right", "BAD_NAME"],
  ["Chinese", "直播?key=right", "BAD_NAME"],
])("refused without a question: %s", async (_, name, code) => {
  const before = live.app.asked.length;
  const client = await rtmpClient(live.address, 1935);
  client.publish(name);
  expect(await client.closed(5_000)).toBeLessThan(1_000);
  expect((await live.state()).refused[0]).toMatchObject({ code });
  const since = live.app.asked.slice(before).filter((each) => each.path === "/internal/publish");
  expect(since).toEqual([]);
});

test("a name of 10 KB, a path, and another application get nowhere", async () => {
  for (const [app, name] of [
    ["live", "a".repeat(10_240)],
    ["live", "../../run/hls/room?key=right"],
    ["other", "room?key=right"],
  ] as const) {
    const client = await rtmpClient(live.address, 1935, app).catch(() => undefined);
    client?.publish(name);
    if (client !== undefined) expect(await client.closed(5_000)).toBeLessThan(1_000);
  }
  expect(await live.ingest.healthy()).toBe(true);
});

test("nobody plays by RTMP, by RTMPS neither", async () => {
  const red = live.publish({ room: "private", seconds: 30 });
  try {
    await playable("private");
    const trusting = ["-ca_file", "/secrets/studio/current/ca.crt"];
    for (const from of [
      ["rtmp://live-ingest-1:1935/live/private"],
      [...trusting, "rtmps://live-ingest-1:1936/live/private"],
    ]) {
      const probed = await live.studio.exec("timeout", "6", "ffprobe", "-v", "error", ...from);
      expect(probed.exitCode, from.join(" ")).not.toBe(0);
      // It was not for its certificate.
      expect(probed.stderr).not.toContain("certificate");
    }
    expect(await isLive("private")).toBe(true);
  } finally {
    await red.stop();
  }
}, 40_000);

test("the application's word cuts a running broadcast within 5 s", async () => {
  const publisher = live.publish({ room: "kicked", seconds: 60 });
  await playable("kicked");
  live.app.answer(({ path }) => (path === "/internal/update" ? { status: 403, body: {} } : undefined));
  const from = Date.now();
  const { exitCode } = await publisher.ended;
  expect(Date.now() - from).toBeLessThan(5_000);
  expect(exitCode).not.toBe(0);
  const done = await eventually("the application is told", async () => asked("/internal/done", "kicked")[0]);
  expect(done.body).toMatchObject({ reason: "cut by the application" });
  expect(readPlaylist((await playlistOf("kicked")) ?? "").ended).toBe(true);
}, 40_000);

test("without the application a running broadcast goes on, nobody new is let in, and its end is told later", async () => {
  const publisher = live.publish({ room: "alone", seconds: 60 });
  await playable("alone");
  live.app.away(true);
  const client = await rtmpClient(live.address, 1935);
  client.publish("newcomer?key=right");
  expect(await client.closed(8_000)).toBeDefined();
  expect((await live.state()).refused[0]).toMatchObject({ stream: "newcomer", code: "APPLICATION_AWAY" });
  await playable("alone", 4);
  await publisher.stop();
  await eventually("it is over", async () => !(await isLive("alone")));
  expect(asked("/internal/done", "alone")).toEqual([]);
  live.app.away(false);
  await eventually("the application is told", async () => asked("/internal/done", "alone")[0]);
  const { text } = await live.get("/metrics", { port: 9443 });
  expect(Number(/^live_ingest_updates_unanswered_total (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0);
}, 50_000);

test("ffmpeg killed: the broadcast goes on behind a discontinuity, with the sequence's next number", async () => {
  const publisher = live.publish({ room: "healed", seconds: 22 });
  const readings = watch("healed", 45_000);
  await playable("healed");
  const before = (await live.state()).streams.find((each) => each.stream === "healed");
  const pid = before?.figures.ffmpegPid ?? 0;
  expect(pid).toBeGreaterThan(1);
  await live.ingest.exec("sh", "-c", `kill -9 ${pid}`);
  const all = await readings;
  expect((await publisher.ended).exitCode).toBe(0);
  expect(faultsOver(all)).toEqual([]);
  const { segments } = readPlaylist(all.at(-1) ?? "");
  expect(segments.filter((each) => each.discontinuity).length).toBe(1);
  expect(new Set(segments.map((each) => /\/(b[^-]+)-/.exec(each.uri)?.[1])).size).toBe(1);
  for (const { uri } of segments) expect((await framesOf("healed", uri))[0]?.key).toBe(true);
}, 60_000);

test("another codec is refused in words, and nothing of it is seen", async () => {
  const hevc = [
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-x265-params",
    "log-level=none:pools=1",
    "-g",
    "15",
  ];
  const { ended } = live.publish({
    room: "modern",
    seconds: 30,
    video: picture("testsrc", hevc),
    audio: null,
  });
  const { exitCode, seconds } = await ended;
  expect(exitCode).not.toBe(0);
  expect(seconds).toBeLessThan(20);
  const refusal = (await live.state()).refused.find((each) => each.stream === "modern");
  expect(refusal).toMatchObject({ code: "UNSUPPORTED_CODEC" });
  expect(refusal?.reason).toMatch(/hevc/i);
  expect((await live.get("/live/modern.m3u8")).status).toBe(404);
}, 50_000);

test("new certificates are served without a publisher losing its connection", async () => {
  const publisher = live.publish({ room: "renewed", seconds: 16, tls: true });
  await playable("renewed");
  const files = await live.ingest.renew();
  for (const port of [1936, 8080, 9443]) {
    await eventually(`port ${port} serves the new certificate`, async () => {
      const serial = await serialAt(port);
      return serial !== undefined && files["tls.crt"]?.includes(serial.slice(0, 60));
    });
  }
  expect((await publisher.ended).exitCode).toBe(0);
  expect((await live.state()).streams.filter((each) => each.stream === "renewed")).toEqual([]);
  expect(asked("/internal/publish", "renewed").length).toBe(1);
}, 50_000);

/** First lines of the certificate that a port serves, as PEM has them. */
function serialAt(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: live.address, port, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      resolve(raw?.toString("base64").slice(0, 64));
    });
    socket.on("error", () => resolve(undefined));
  });
}

test("no key is in a log, an argument or the state", async () => {
  const { stdout } = await live.ingest.exec(
    "sh",
    "-c",
    "cat /proc/[0-9]*/cmdline /proc/1/environ | tr '\\0' ' '",
  );
  const state = (await live.get("/v1/state", { port: 9443 })).text;
  for (const place of [stdout, await live.ingest.logs(), state]) {
    expect(place).not.toMatch(/key=|=right|=wrong/);
  }
  for (const line of (await live.ingest.logs()).split("\n").filter((each) => each.startsWith("{"))) {
    expect(() => JSON.parse(line)).not.toThrow();
  }
});

test("stopped in order it tells the application of what it had, and ends well", async () => {
  const publisher = live.publish({ room: "stopped", seconds: 60 });
  await playable("stopped");
  const from = Date.now();
  await live.bench.engine.docker(["stop", "--timeout", "20", live.ingest.name]);
  expect(Date.now() - from).toBeLessThan(10_000);
  expect(await live.ingest.state()).toMatchObject({ running: false, exitCode: 0 });
  expect(asked("/internal/done", "stopped").map((each) => each.body.reason)).toEqual(["instance stopped"]);
  expect((await publisher.ended).exitCode).not.toBe(0);
}, 40_000);

test("it ends when an nginx does, so that whoever runs it starts it anew", async () => {
  for (const name of ["nginx.conf", "origin.conf"]) {
    await live.bench.engine.docker(["start", live.ingest.name]);
    await live.ingest.untilHealthy(20_000);
    const script = `kill -9 $(ps -o pid,args | awk '/master.*\\/${name}/ && !/awk/ { print $1; exit }')`;
    await live.ingest.exec("sh", "-c", script);
    await eventually("it has ended", async () => !(await live.ingest.state()).running, 10_000);
    expect((await live.ingest.state()).exitCode).toBe(1);
  }
}, 50_000);
