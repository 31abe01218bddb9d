/** The edge's program, with nginx played by the test: what is judged, what is signed, who is counted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Dialect, dialects, masterPath, md5, mediaPath, segmentPath, sign } from "../signature/index.ts";
import edge from "./main.ts";
import type { BufferFlags, Request, SharedDict } from "./njs.ts";
import { signPlaylist } from "./playlist.ts";
import { countByStream } from "./viewers.ts";

const key = "primary-key-0123456789";
const older = "previous-key-0123456789";

class Dict<V extends string | number> implements SharedDict<V> {
  readonly #values = new Map<string, V>();
  get = (name: string) => this.#values.get(name);
  set = (name: string, value: V) => this.#values.set(name, value);
  delete = (name: string) => this.#values.delete(name);
  keys = (most: number) => [...this.#values.keys()].slice(0, most);
}

let folder: string;
let shared: { live_keys: Dict<string>; live_viewers: Dict<number> };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edge-"));
  writeFileSync(join(folder, "play.key"), `${key}\n`);
  shared = { live_keys: new Dict(), live_viewers: new Dict() };
  Object.assign(globalThis, { ngx: { shared } });
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Asked {
  readonly method?: string;
  readonly foreign?: boolean;
}

/** A request as nginx would hand it over, and what became of it. */
function ask(uri: string, args: string, { method = "GET", foreign = false }: Asked = {}) {
  const sent: string[] = [];
  const answer: { returned?: number } = {};
  const request: Request = {
    method,
    uri,
    status: 200,
    headersOut: { "Content-Length": "10", ETag: '"1"', "Content-Type": "application/vnd.apple.mpegurl" },
    variables: {
      args,
      host: "live.example.com",
      remote_addr: "192.0.2.1",
      live_secrets: folder,
      live_watchers_log: join(folder, "watchers"),
      live_foreign: foreign ? "1" : "0",
      live_signature: "",
      live_refused: "",
    },
    return: (status) => {
      answer.returned = status;
    },
    sendBuffer: (data: string, _flags: BufferFlags) => {
      sent.push(data);
    },
    error: () => {},
  };
  return { request, sent, answer };
}

const expires = Math.floor(Date.now() / 1000) + 60;
const signed = (stream = "room", with_ = key, dialect: Dialect = "nginx", until = expires): string =>
  sign({ dialect, use: "play", stream, key: with_, expires: until }, md5);

function judged(uri: string, args: string, asked?: Asked) {
  const { request, answer } = ask(uri, args, asked);
  edge.access(request);
  return { status: answer.returned ?? 200, refused: request.variables.live_refused, request };
}

describe("access", () => {
  test.each(dialects)("one %s signature opens everything of its stream, and nothing else", (dialect) => {
    const query = signed("room", key, dialect);
    const paths = (stream: string) => [
      masterPath(stream),
      mediaPath(stream, "source"),
      segmentPath(stream, "source", "b12345", 7),
    ];
    for (const path of paths("room")) {
      expect(judged(path, query)).toMatchObject({ status: 200, refused: "" });
      expect(judged(path, "")).toMatchObject({ status: 403, refused: "missing" });
    }
    for (const path of paths("other"))
      expect(judged(path, query)).toMatchObject({ status: 403, refused: "altered" });
  });

  test.each([
    ["/live/room.m3u8", "", "missing"],
    ["/live/room.m3u8", `${signed()}&expires=${expires}`, "malformed"],
    ["/live/room.m3u8", `${signed()}&${signed("room", key, "tencent")}`, "malformed"],
    ["/live/Room.m3u8", signed(), "malformed"],
    ["/live/room/source/b12345-07.ts", signed(), "malformed"],
    ["/live/room.m3u8", signed("room", older), "altered"],
    ["/live/room.m3u8", signed("room", key, "nginx", expires - 120), "expired"],
  ])("%s?%s is refused: %s", (path, query, code) => {
    expect(judged(path, query)).toMatchObject({ status: 403, refused: code });
  });

  test("only looking is allowed", () => {
    expect(judged("/live/room.m3u8", signed(), { method: "HEAD" }).status).toBe(200);
    expect(judged("/live/room.m3u8", signed(), { method: "POST" }).status).toBe(405);
  });

  test("a foreign page is refused though the signature is right; which one is, nginx has found out", () => {
    expect(judged("/live/room.m3u8", signed(), { foreign: true })).toMatchObject({
      status: 403,
      refused: "referer",
    });
  });

  test("two keys, and one replaced while it runs; a folder that is away for a moment changes nothing", () => {
    const status = (by: string) => judged("/live/room.m3u8", signed("room", by)).status;
    const keep = () => edge.keep({ variables: { live_secrets: folder } });
    expect([status(key), status(older)]).toEqual([200, 403]);
    writeFileSync(join(folder, "play.key.previous"), older);
    expect(status(older)).toBe(403);
    keep();
    expect([status(key), status(older)]).toEqual([200, 200]);
    rmSync(join(folder, "play.key"));
    keep();
    expect([status(key), status(older)]).toEqual([200, 200]);
    writeFileSync(join(folder, "play.key"), "");
    keep();
    expect([status(key), status(older)]).toEqual([200, 200]);
    rmSync(join(folder, "play.key.previous"));
    writeFileSync(join(folder, "play.key"), older);
    keep();
    expect([status(key), status(older)]).toEqual([403, 200]);
  });

  test("without a key nothing can be judged: nobody is let in, and the probe says so", () => {
    rmSync(join(folder, "play.key"));
    expect(judged("/live/room.m3u8", signed()).status).toBe(503);
    const { request, answer } = ask("/healthz", "");
    edge.health(request);
    expect(answer.returned).toBe(503);
  });
});

describe("playlists", () => {
  const playlist = "#EXTM3U\n#EXTINF:3.0,\nsource/b1-1.ts\n";
  function fetched(
    path: string,
    { status = 200, chunks = [playlist] }: { status?: number; chunks?: string[] } = {},
  ) {
    const { request, sent } = ask(path, signed());
    edge.access(request);
    request.status = status;
    edge.playlistHeaders(request);
    chunks.forEach((chunk, i) => {
      edge.playlistBody(request, chunk, { last: i === chunks.length - 1 });
    });
    return { text: sent.join(""), headers: request.headersOut };
  }

  test("come signed, in one piece, without what belonged to the unsigned text", () => {
    const whole = fetched("/live/room.m3u8");
    expect(whole.text).toBe(`#EXTM3U\n#EXTINF:3.0,\nsource/b1-1.ts?${signed()}\n`);
    expect(whole.headers).toEqual({ "Content-Type": "application/vnd.apple.mpegurl" });
    expect(fetched("/live/room.m3u8", { chunks: [...playlist] }).text).toBe(whole.text);
  });

  test("what an aborted response left is in no other one", () => {
    const { request } = ask("/live/room.m3u8", signed());
    edge.access(request);
    edge.playlistHeaders(request);
    edge.playlistBody(request, "#EXTM3U\nstale", {});
    expect(fetched("/live/room.m3u8").text).not.toContain("stale");
  });

  test("an error's text is no playlist", () => {
    const { text, headers } = fetched("/live/room/source.m3u8", {
      status: 404,
      chunks: ["not\n", "found\n"],
    });
    expect(text).toBe("not\nfound\n");
    expect(headers["Content-Length"]).toBe("10");
    expect(shared.live_viewers.keys(9)).toEqual([]);
  });

  test("who fetches a media playlist is watching: one session by signature and address", () => {
    fetched("/live/room.m3u8");
    expect(shared.live_viewers.keys(9)).toEqual([]);
    fetched("/live/room/source.m3u8");
    fetched("/live/room/source.m3u8");
    expect(countByStream(shared.live_viewers.keys(9))).toEqual({ room: 1 });
    expect(shared.live_viewers.keys(9)[0]).toMatch(/^room [0-9a-f]{16}$/);
  });
});

test.each([
  ["a.ts", "a.ts?q=1"],
  ["#EXTINF:3,\na/b-1.ts\n#EXTINF:3,\na/b-2.ts\n", "#EXTINF:3,\na/b-1.ts?q=1\n#EXTINF:3,\na/b-2.ts?q=1\n"],
  ["#X\na/b.m3u8\n", "#X\na/b.m3u8?q=1\n"],
  ["a.ts\nb.m3u8\n", "a.ts?q=1\nb.m3u8?q=1\n"],
  ["a.ts\nb.ts", "a.ts?q=1\nb.ts?q=1"],
  ["a.ts?v=2\r\n", "a.ts?v=2&q=1\r\n"],
  ["#EXTM3U\n\n#x\n", "#EXTM3U\n\n#x\n"],
  ['#EXT-X-MEDIA:TYPE=AUDIO,URI="a/b.m3u8",NAME="x"', '#EXT-X-MEDIA:TYPE=AUDIO,URI="a/b.m3u8?q=1",NAME="x"'],
  ['#EXT-X-MAP:URI="$&.mp4"', '#EXT-X-MAP:URI="$&.mp4?q=1"'],
  ["", ""],
  ["\n\na b.ts\r\n\r\nb.ts", "\n\na b.ts?q=1\r\n\r\nb.ts?q=1"],
  ['a.ts\n#X:URI="b.ts?v=1"\nURI="c.ts"\n', 'a.ts?q=1\n#X:URI="b.ts?v=1&q=1"\nURI="c.ts"?q=1\n'],
])("%j is signed as %j", (playlist, expected) => {
  expect(signPlaylist(playlist, "q=1")).toBe(expected);
});

test("who watches is told to who asks for it", () => {
  shared.live_viewers.set("b 1", 1);
  shared.live_viewers.set("a 2", 1);
  const told = (args: string) => {
    const { request } = ask("/v1/viewers", args);
    const bodies: (string | undefined)[] = [];
    edge.viewers({ ...request, return: (_status, body) => bodies.push(body) });
    return JSON.parse(bodies[0] ?? "");
  };
  expect(told("")).toEqual({ streams: { a: 1, b: 1 } });
  expect(told("sessions=1")).toEqual({ streams: { a: 1, b: 1 }, sessions: { a: ["2"], b: ["1"] } });
});

test("who asked for playlists signed in their path is counted once, by lines that are gone afterwards", () => {
  const log = join(folder, "watchers");
  const [ann, bob] = ["0123456789abcdef", "fedcba9876543210"];
  writeFileSync(log, `room ${ann}\nroom ${bob}\nroom ${ann}\nother ${ann}\nroom shor`);
  edge.keep({ variables: { live_secrets: folder, live_watchers_log: log } });
  expect(shared.live_viewers.keys(9)).toEqual([`room ${ann}`, `room ${bob}`, `other ${ann}`]);
  expect(readFileSync(log, "utf8")).toBe("");
  rmSync(log);
  edge.keep({ variables: { live_secrets: folder, live_watchers_log: log } });
  // Who asks how many there are gets the newest.
  writeFileSync(log, "new 0123456789abcdef\n");
  edge.viewers(ask("/v1/viewers", "").request);
  expect(shared.live_viewers.keys(9)).toContain("new 0123456789abcdef");
});

test("sessions are counted by stream", () => {
  expect(countByStream(["b 1", "a 1", "b 2"])).toEqual({ a: 1, b: 2 });
  expect(countByStream([])).toEqual({});
});
