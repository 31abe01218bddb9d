/** LiveKit's image by itself: TLS in front, who is let in, and a real publisher by WHIP. */
import { createHmac } from "node:crypto";
import { request } from "node:https";
import { connect } from "node:net";
import { connect as tls } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container, type Standalone } from "../../support/standalone.ts";

const key = "LiveKitKey0LiveKitKey0LiveKitKey0";
const config = `port: 7890
bind_addresses: ["127.0.0.1"]
rtc:
  tcp_port: 7881
  udp_port: 7882
  use_external_ip: false
logging:
  json: true
`;

let bench: Bench;
let one: Container;
let images: Awaited<ReturnType<typeof readyImages>>;

const run = (instance: string, more: Partial<Standalone> = {}) =>
  bench.run(instance, {
    image: images.get("livekit")?.tag ?? "",
    uid: 10012,
    config: { "livekit.yaml": config },
    secrets: { "livekit.key": key },
    options: ["--publish", "127.0.0.1::7880"],
    ...more,
  });

beforeAll(async () => {
  bench = await Bench.open();
  images = await readyImages(bench.engine, ["livekit", "live-ingest"]);
  one = await run("livekit-1");
  await one.untilHealthy();
}, 900_000);
afterAll(() => bench?.close(), 60_000);

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (video: object, by = key): string => {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: "mall", sub: "host", exp: now + 600, video };
  const signed = `${base64({ alg: "HS256", typ: "JWT" })}.${base64(claims)}`;
  return `${signed}.${createHmac("sha256", by).update(signed).digest("base64url")}`;
};
const portOf = async (): Promise<number> =>
  Number((await bench.engine.docker(["port", one.name, "7880"])).split("\n")[0]?.split(":").at(-1));
/** A call of LiveKit's own interface, over TLS and verified. */
const rooms = async (method: string, body: object, bearer?: string) => {
  const port = await portOf();
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const asking = request(
      {
        ...{ host: "127.0.0.1", port, servername: "livekit-1", ca: bench.authority, agent: false },
        ...{ method: "POST", path: `/twirp/livekit.RoomService/${method}` },
        headers: {
          "content-type": "application/json",
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
      },
      (response) => {
        let text = "";
        response.on("data", (part) => {
          text += String(part);
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asking.on("error", reject);
    asking.end(JSON.stringify(body));
  });
};

/** SHA-256 of the certificate that it shows. */
const served = async (): Promise<string | undefined> => {
  const port = await portOf();
  return new Promise((resolve, reject) => {
    const socket = tls({ host: "127.0.0.1", port, servername: "livekit-1", ca: bench.authority }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
};

test("it is the version that was built, and not root that runs it", async () => {
  expect((await one.exec("livekit-server", "--version")).stdout).toContain("1.13.5");
  expect((await one.exec("id", "-u")).stdout.trim()).toBe("10012");
});

test("who has no token of this key is refused", async () => {
  const grant = { roomList: true };
  expect((await rooms("ListRooms", {}, token(grant))).status).toBe(200);
  expect((await rooms("ListRooms", {})).status).toBe(401);
  expect((await rooms("ListRooms", {}, token(grant, "another".repeat(6)))).status).toBe(401);
  expect((await rooms("ListRooms", {}, token({ roomJoin: true, room: "tea" }))).status).toBe(401);
});

test("plain HTTP is answered on no port: signalling is on the loopback behind TLS", async () => {
  const port = await portOf();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    let text = "";
    socket.on("data", (part) => {
      text += String(part);
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
  expect(answer).toBe("");
  const { stdout } = await one.exec("sh", "-c", "cat /proc/net/tcp /proc/net/tcp6");
  const listening = stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words[3] === "0A")
    .map((words) => words[1] ?? "");
  const at = (number: number) =>
    listening.filter((place) => place.endsWith(`:${number.toString(16).toUpperCase()}`));
  expect(at(7890)).toEqual(["0100007F:1ED2"]);
  expect(at(7880)).toHaveLength(1);
});

test("its key stands neither in environment nor arguments nor log", async () => {
  const { stdout } = await one.exec(
    "sh",
    "-c",
    "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'",
  );
  expect(stdout).toContain("livekit.yaml");
  expect(stdout).not.toContain(key);
  expect(await one.logs()).not.toContain(key);
});

test("ffmpeg publishes sound and picture by WHIP, and the room has both", async () => {
  // On LiveKit's own loopback, as a publisher beside it is: the muxer takes no CA to verify a server by.
  const { docker, tryDocker } = bench.engine;
  const publisher = `${one.name}-whip`;
  await docker([
    ...["run", "--detach", "--name", publisher, "--network", `container:${one.name}`],
    ...["--entrypoint", "sh", images.get("live-ingest")?.tag ?? ""],
    // A connection that does not come about at once is tried again, as every publisher has to.
    ...["-c", 'until ffmpeg "$@" || [ $((i += 1)) -ge 5 ]; do sleep 1; done', "-"],
    ...["-hide_banner", "-loglevel", "warning", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15"],
    ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:v", "libx264"],
    ...["-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency", "-bf", "0", "-g", "30"],
    ...["-pix_fmt", "yuv420p", "-c:a", "libopus", "-ac", "2", "-t", "60", "-f", "whip"],
    ...["-authorization", token({ roomJoin: true, room: "tea", canPublish: true })],
    "http://127.0.0.1:7890/whip/v1",
  ]);
  const admin = token({ roomAdmin: true, room: "tea" });
  let kinds: readonly string[] = [];
  for (const end = Date.now() + 60_000; kinds.length < 2 && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { status, text } = await rooms("ListParticipants", { room: "tea" }, admin);
    if (status !== 200) continue;
    const { participants = [] } = JSON.parse(text) as {
      readonly participants?: readonly { readonly tracks?: readonly { readonly type?: string }[] }[];
    };
    kinds = participants.flatMap(({ tracks = [] }) => tracks.map(({ type = "AUDIO" }) => type)).sort();
  }
  const said = await tryDocker(["logs", publisher]);
  await tryDocker(["rm", "-f", publisher]);
  expect(kinds, `${said.stdout}${said.stderr}`).toEqual(["AUDIO", "VIDEO"]);
}, 150_000);

test("a renewed certificate is served without a restart", async () => {
  const before = await served();
  await one.renew();
  for (const end = Date.now() + 30_000; (await served()) === before; ) {
    if (Date.now() > end) throw new Error(await one.logs());
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await one.untilHealthy();
});

test("told to stop, it ends in order; without its proxy it does not go on", async () => {
  const other = await run("livekit-2");
  await other.untilHealthy();
  await bench.stopsWithin(20, other);
  expect(await other.state()).toMatchObject({ running: false, exitCode: 0 });
  const third = await run("livekit-3");
  await third.untilHealthy();
  await third.exec("sh", "-c", "kill -9 $(cat /run/mall/nginx.pid)");
  await expect.poll(async () => (await third.state()).running, { timeout: 30_000 }).toBe(false);
  expect(await third.state()).not.toMatchObject({ exitCode: 0 });
}, 180_000);

test.each([
  ["no configuration", { config: {} }, "livekit.yaml"],
  ["no key", { secrets: {} }, "livekit.key"],
  ["a short key", { secrets: { "livekit.key": "short" } }, "32 characters"],
  ["a key that could end a word", { secrets: { "livekit.key": `${key}: x` } }, "letters and digits"],
] as const)("it does not start with %s, and says so", async (what, more, says) => {
  const other = await run(what.replaceAll(" ", "-"), more);
  await expect.poll(() => other.state(), { timeout: 30_000 }).toMatchObject({ running: false, exitCode: 1 });
  expect(await other.logs()).toContain(says);
});
