import { expect, test } from "vitest";
import { type Dialect, md5, sign } from "../signature/index.ts";
import { credentialOf } from "./credential.ts";

const stream = "tea";
const key = "K".repeat(32);
const now = 1_800_000_000_000;
const seconds = now / 1_000;

const read = (query: string, on = stream) =>
  credentialOf({ stream: on, query, now, keyOf: (id) => (id === "own" ? key : undefined) });
const verdict = (query: string, id = "own", on = stream) => {
  const credential = read(query, on);
  return credential.kind === "signature" ? credential.judge(id) : credential.kind;
};
const signed = (dialect: Dialect, expires = seconds + 60) =>
  sign({ use: "push", dialect, stream, key, expires }, md5);

test("a plain key, alone or beside what is not ours", () => {
  expect(read(`key=${key}`)).toEqual({ kind: "key", key });
  expect(read(`bitrate=2000&key=${key}&x`)).toEqual({ kind: "key", key });
  expect(read("key=%27%20OR%201=1")).toEqual({ kind: "key", key: "%27%20OR%201=1" });
});

test.each(["", "x=1", "key", "key=", "KEY=abc", "monkey=abc"])("nothing: %s", (query) => {
  expect(read(query).kind).toBe("none");
});

test.each(["tencent", "aliyun"] as const)("%s: valid, expired, of another stream, key or use", (dialect) => {
  expect(verdict(signed(dialect))).toBe("valid");
  expect(verdict(signed(dialect, seconds))).toBe("valid");
  expect(verdict(signed(dialect, seconds - 1))).toBe("expired");
  expect(verdict(signed(dialect), "own", "coffee")).toBe("wrong");
  expect(verdict(signed(dialect, seconds - 1), "own", "coffee")).toBe("wrong");
  // A key that cannot be opened proves nothing.
  expect(verdict(signed(dialect), "other")).toBe("wrong");
  // Aliyun signs another address for what is watched.
  if (dialect === "aliyun")
    expect(verdict(sign({ use: "play", dialect, stream, key, expires: seconds + 60 }, md5))).toBe("wrong");
});

test("several proofs, repeated ones, and nginx's dialect, by which nobody pushes", () => {
  for (const query of [
    `key=${key}&key=${key}`,
    `key=${key}&${signed("tencent")}`,
    `${signed("tencent")}&key=`,
    `${signed("tencent")}&${signed("aliyun")}`,
    `${signed("tencent")}&${signed("tencent")}`,
    "txSecret=0",
    "auth_key=1-2-3",
    signed("nginx"),
  ])
    expect(read(query).kind, query).toBe("malformed");
});
