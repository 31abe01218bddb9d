/** Signatures: the vectors that vendors publish, what is refused and why, and the laws that hold for all of them. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordedFile } from "../replay/names.ts";
import { sameText } from "./digest.ts";
import { md5 } from "./md5.ts";
import {
  isStreamName,
  masterPath,
  mediaPath,
  objectOf,
  posterPath,
  replayPath,
  segmentPath,
} from "./names.ts";
import { byPath, type PathSignRequest, signatureIn, signPath } from "./path.ts";
import { dialects, parametersOf, queryOf } from "./query.ts";
import { type SignRequest, sign } from "./sign.ts";
import { type VerifyRequest, verify } from "./verify.ts";

const key = "primary-key-0123456789";
const other = "another-key-0123456789";
const now = 1_800_000_000;

const signed = (over: Partial<SignRequest> = {}): string =>
  sign({ dialect: "nginx", use: "play", stream: "room", key, expires: now + 60, ...over }, md5);
const judged = (over: Partial<VerifyRequest> = {}) =>
  verify({ use: "play", stream: "room", query: signed(), keys: { primary: key }, now, ...over }, md5);
const codeOf = (over: Partial<VerifyRequest>): string => {
  const verdict = judged(over);
  return verdict.ok ? "ok" : verdict.code;
};

const lower = "abcdefghijklmnopqrstuvwxyz0123456789";
const streams = fc
  .tuple(fc.constantFrom(...lower), fc.string({ unit: fc.constantFrom(...lower, "_", "-"), maxLength: 63 }))
  .map(([first, rest]) => first + rest);
const keys = fc.string({ unit: fc.constantFrom(...lower, "A", "Z", "-", "_"), minLength: 16, maxLength: 40 });
const requests = fc.record({
  dialect: fc.constantFrom(...dialects),
  use: fc.constantFrom("play" as const, "push" as const),
  stream: streams,
  key: keys,
  expires: fc.integer({ min: now, max: 0xffffffff }),
  rand: fc.string({ unit: fc.constantFrom(...lower), minLength: 1, maxLength: 32 }),
});

describe("published vectors", () => {
  test("Tencent Cloud's example of a signed push address", () => {
    const tencent = "e12c46f2612d5106e2034781ab261ca3";
    const query = "txSecret=f85a2ab363fe4deaffef9754d79da6fe&txTime=5C271099";
    const request = { use: "push", stream: "test", query, keys: { primary: tencent } } as const;
    expect(judged({ ...request, now: 0x5c271099 })).toMatchObject({ ok: true, dialect: "tencent", query });
    expect(codeOf({ ...request, now: 0x5c27109a })).toBe("expired");
  });

  test("nginx's manual: secure_link_md5 is base64url of the binary MD5, unpadded", () => {
    const binary = createHash("md5")
      .update(`${now + 60}/live/room ${key}`)
      .digest("base64url");
    expect(signed()).toBe(`md5=${binary}&expires=${now + 60}`);
  });

  test("Alibaba Cloud's type A: the address that is hashed is the playlist's, or the push's", () => {
    const of = (uri: string) => md5(`${uri}-${now}-477b3bbc253f467b8def6711128c7bec-0-${key}`);
    const over = { dialect: "aliyun", expires: now, rand: "477b3bbc253f467b8def6711128c7bec" } as const;
    expect(signed(over)).toBe(`auth_key=${now}-477b3bbc253f467b8def6711128c7bec-0-${of("/live/room.m3u8")}`);
    expect(signed({ ...over, use: "push" })).toContain(of("/live/room"));
  });

  test("Alibaba Cloud's example of the hash itself", () => {
    const text = "/video/standard/test.mp4-1444435200-0-0-aliyuncdnexp1234";
    expect(md5(text)).toBe("23bf85053008f5c0e791667a313e28ce");
  });
});

describe("for every stream, key, time and dialect", () => {
  test("what is signed is valid to its last second, for its stream and its use, and not beyond", () => {
    fc.assert(
      fc.property(requests, streams, (request, stream) => {
        const query = sign(request, md5);
        const { use, expires } = request;
        const of = (over: Partial<VerifyRequest>) =>
          codeOf({
            use,
            stream: request.stream,
            query,
            keys: { primary: request.key },
            now: expires,
            ...over,
          });
        expect(of({})).toBe("ok");
        expect(of({ now: expires + 1 })).toBe("expired");
        expect(of({ keys: { primary: other, previous: request.key } })).toBe("ok");
        expect(of({ keys: { primary: other } })).toBe("altered");
        if (stream !== request.stream) expect(of({ stream })).toBe("altered");
      }),
    );
  });

  test("one changed character is never valid", () => {
    fc.assert(
      fc.property(
        requests,
        fc.nat(),
        fc.constantFrom(..."0123456789abcdefXYZ-_&=%. "),
        (request, at, char) => {
          const query = sign(request, md5);
          const i = at % query.length;
          const changed = query.slice(0, i) + char + query.slice(i + 1);
          fc.pre(changed !== query);
          const { use, stream } = request;
          expect(codeOf({ use, stream, query: changed, keys: { primary: request.key }, now })).not.toBe("ok");
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("no query that is not ours is valid, and none throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (query) => {
        expect(codeOf({ query })).not.toBe("ok");
      }),
    );
  });

  test("what is read is written back letter by letter", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const query = sign(request, md5);
        const parameters = parametersOf(query);
        expect(typeof parameters === "string" ? parameters : queryOf(parameters)).toBe(query);
      }),
    );
  });
});

const [digest, expires] = signed().split("&");
const tencent = signed({ dialect: "tencent" });
const aliyun = signed({ dialect: "aliyun" });

test.each([
  ["", "missing"],
  ["&&", "missing"],
  ["foo=bar", "missing"],
  ["MD5=x&EXPIRES=1", "missing"],
  ["toString=1&__proto__=2", "missing"],
  [`${digest}`, "malformed"],
  [`${expires}`, "malformed"],
  [`${signed()}&${expires}`, "malformed"],
  [`${expires}&${signed()}`, "malformed"],
  [`${signed()}&${tencent}`, "malformed"],
  [`${signed()}&${aliyun}`, "malformed"],
  [`${tencent}&auth_key=`, "malformed"],
  [`${signed()}&foo=1&foo=2`, "malformed"],
  [`${signed()}&%6dd5=1`, "malformed"],
  [`md5=${digest?.slice(4).replace(/.$/, "%41")}&${expires}`, "malformed"],
  [`${digest}=&${expires}`, "malformed"],
  [`${digest}&expires=0${now}`, "malformed"],
  [`${digest}&expires=+${now}`, "malformed"],
  [`${digest}&expires=${now}.0`, "malformed"],
  [`${digest}&expires=1e9`, "malformed"],
  [`${digest}&expires=${"9".repeat(11)}`, "malformed"],
  [tencent.replace(/txTime=./, "$&0"), "malformed"],
  [tencent.replace("txTime=", "txTime=0x"), "malformed"],
  [tencent.replace(/txTime=.*/, "txTime=6b49D23c"), "malformed"],
  [tencent.toUpperCase(), "missing"],
  [aliyun.replace("-0-0-", "-0--0-"), "malformed"],
  [aliyun.replace("-0-0-", "-0-"), "malformed"],
  [`${signed()}&${"x".repeat(1024)}`, "malformed"],
  [`${digest}&expires=${now + 61}`, "altered"],
  [signed({ stream: "room2" }), "altered"],
  [signed({ key: other }), "altered"],
  [signed({ dialect: "aliyun", use: "push" }), "altered"],
  [signed({ expires: now - 1 }), "expired"],
  [`${digest}&expires=${now - 1}`, "altered"],
  [signed(), "ok"],
  [`${expires}&${digest}`, "ok"],
  [`v=1&${signed()}&_HLS_msn=7`, "ok"],
  [tencent, "ok"],
  [signed({ dialect: "tencent", expires: now }), "ok"],
  [aliyun, "ok"],
])("%j is %s", (query, code) => {
  expect(codeOf({ query })).toBe(code);
});

test("only the signature itself is handed on", () => {
  expect(judged({ query: `v=1&${expires}&${digest}&t=2` })).toEqual({
    ok: true,
    dialect: "nginx",
    key: "primary",
    expires: now + 60,
    query: `${digest}&${expires}`,
  });
});

test("an empty or short key validates nothing, though it matches", () => {
  for (const short of ["", "0123456789abcde"]) {
    const hash = md5(`${now}/live/room ${short}`, "base64url");
    const query = `md5=${hash}&expires=${now}`;
    expect(codeOf({ query, keys: { primary: short } })).toBe("altered");
    expect(codeOf({ query, keys: { primary: key, previous: short } })).toBe("altered");
    expect(() => signed({ key: short })).toThrow(RangeError);
  }
});

test("Tencent's missing separator helps nobody: a time of nine digits is not read", () => {
  // key + "roomb" + "5C271099" is also key + "room" + "b5C271099".
  const hash = md5(`${key}roomb6b49d23c`);
  expect(codeOf({ stream: "roomb", query: `txSecret=${hash}&txTime=6b49d23c` })).toBe("ok");
  expect(codeOf({ stream: "room", query: `txSecret=${hash}&txTime=b6b49d23c` })).toBe("malformed");
});

test.each<Partial<SignRequest>>([
  { stream: "../room" },
  { stream: "" },
  { stream: "房间" },
  { expires: 1 },
  { expires: Number.NaN },
  { expires: now + 0.5 },
  { dialect: "tencent", expires: 0x1_0000_0000 },
  { dialect: "aliyun", rand: "a-b" },
  { dialect: "aliyun", uid: "" },
])("%j is not signed", (over) => {
  expect(() => signed(over)).toThrow(RangeError);
});

describe("in the path", () => {
  const request = { stream: "room", key, expires: now + 60, viewer: "0123456789abcdef" };

  test("is what nginx's secure_link computes, and names key, time and viewer", () => {
    const hash = createHash("md5");
    const digest = hash.update(`path ${now + 60} 0123456789abcdef room ${key}`).digest("base64url");
    const id = createHash("md5").update(`play-key ${key}`).digest("hex").slice(0, 8);
    expect(signPath(request, md5)).toBe(`~${id}.${now + 60}.0123456789abcdef.${digest}`);
  });

  test("no two streams, keys, times or viewers have the same", () => {
    const of = (over: Partial<PathSignRequest>) => signPath({ ...request, ...over }, md5);
    const others = [
      { stream: "room2" },
      { key: other },
      { expires: now + 61 },
      { viewer: "1123456789abcdef" },
    ].map(of);
    expect(new Set([of({}), ...others]).size).toBe(5);
  });

  test.each([
    { stream: "../room" },
    { key: "short" },
    { key: `${key}"` },
    { key: `${key}\n` },
    { key: `${key}$host` },
    { expires: 1 },
    { expires: now + 0.5 },
    { viewer: "" },
    { viewer: "0123456789ABCDEF" },
  ])("%j is not signed", (over) => {
    expect(() => signPath({ ...request, ...over }, md5)).toThrow(RangeError);
  });

  test("stands before the stream, once, whatever stood there", () => {
    const signature = signPath(request, md5);
    for (const path of [
      masterPath("room"),
      replayPath("room", "b12345"),
      segmentPath("room", "source", "b12345", 7),
    ]) {
      const signed = byPath(path, signature);
      expect(signed).toBe(path.replace("/live/", `/live/${signature}/`));
      expect(byPath(signed, "~new")).toBe(path.replace("/live/", "/live/~new/"));
      expect(signatureIn(signed)).toBe(signature);
      expect(signatureIn(path)).toBeUndefined();
    }
  });
});

describe("names", () => {
  test("every object's address leads back to it", () => {
    fc.assert(
      fc.property(streams, fc.nat(), (stream, sequence) => {
        const segment = { kind: "segment", stream, rendition: "720p", broadcast: "bmmabc123x9zz", sequence };
        expect(objectOf(masterPath(stream))).toEqual({ kind: "master", stream });
        expect(objectOf(mediaPath(stream, "source"))).toEqual({ kind: "media", stream, rendition: "source" });
        expect(objectOf(segmentPath(stream, "720p", segment.broadcast, sequence))).toEqual(segment);
      }),
    );
  });

  test("what is recorded: a playlist, a picture, and segments by the names that recordings give", () => {
    const of = { stream: "room", broadcast: "b123456" };
    expect(objectOf(replayPath("room", "b123456"))).toEqual({ kind: "replay", ...of });
    expect(objectOf(posterPath("room", "b123456"))).toEqual({ kind: "poster", ...of });
    fc.assert(
      fc.property(
        fc.record({
          sequence: fc.integer({ min: 0, max: 2 ** 31 }),
          startedAtMs: fc.integer({ min: 10 ** 12, max: 10 ** 13 - 1 }),
          durationMs: fc.integer({ min: 1, max: 99_999 }),
          discontinuity: fc.boolean(),
        }),
        (recorded) => {
          const file = recordedFile(recorded);
          expect(objectOf(`/live/room/replay/b123456/${file}`)).toEqual({ kind: "recorded", ...of, file });
        },
      ),
    );
  });

  test.each([
    "/live/room/replay/b123456/index.m3u8",
    "/live/room/replay/b123456/poster.jpg",
    "/live/room/replay/../x/b123456.m3u8",
    "/live/room/replay/b123456.png",
    "/live/room/replay/b123456/source-1-1-1.ts",
    "/live/",
    "/live/.m3u8",
    "/live/Room.m3u8",
    "/live/room",
    "/live/room.m3u8/",
    "/live//room.m3u8",
    "/live/room/../x.m3u8",
    "/live/room/source/",
    "/live/room/source/b123456-01.ts",
    "/live/room/source/b123456-1.m4s",
    "/live/room/source/-1.ts",
    "/live/room\n.m3u8",
    "/live/房间.m3u8",
    `/live/${"a".repeat(65)}.m3u8`,
    "/hls/room.m3u8",
  ])("%j names nothing", (path) => {
    expect(objectOf(path)).toBeUndefined();
  });

  test("a name of 64 characters is the longest, and a line break ends none", () => {
    expect(isStreamName("a".repeat(64))).toBe(true);
    expect(isStreamName("a".repeat(65))).toBe(false);
    expect(isStreamName("room\n")).toBe(false);
    expect(isStreamName("-room")).toBe(false);
  });
});

test("digests are compared as a whole", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(sameText(a, b)).toBe(a === b);
      expect(sameText(a, a)).toBe(true);
    }),
  );
});
