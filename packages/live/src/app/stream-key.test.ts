import { expect, test } from "vitest";
import { newKeyId, newStreamKey, open, seal } from "./stream-key.ts";

const secret = "s".repeat(40);
const other = "o".repeat(40);
const place = { room: "tea", id: "k1" };

test("keys have 32 letters and digits, and are never the same", () => {
  const keys = Array.from({ length: 50 }, newStreamKey);
  for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(new Set(keys).size).toBe(50);
  expect(newKeyId()).toMatch(/^k[0-9a-f]{12}$/);
});

test("what is sealed opens with its secret, in its place, whole", () => {
  const key = newStreamKey();
  const sealed = seal(key, place, secret);
  expect(sealed.includes(Buffer.from(key))).toBe(false);
  expect(seal(key, place, secret).equals(sealed)).toBe(false);
  expect(open(sealed, place, [secret])).toBe(key);
  expect(open(sealed, place, [other, secret])).toBe(key);
  expect(open(sealed, place, [other])).toBeUndefined();
  expect(open(sealed, { ...place, room: "coffee" }, [secret])).toBeUndefined();
  expect(open(sealed, { ...place, id: "k2" }, [secret])).toBeUndefined();
  for (const at of [0, 12, 20, 28, sealed.length - 1]) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(open(altered, place, [secret]), `byte ${at}`).toBeUndefined();
  }
  expect(open(sealed.subarray(0, 20), place, [secret])).toBeUndefined();
});

test("a short secret is none", () => {
  expect(() => seal("x", place, "short")).toThrow("seal.key");
  expect(() => open(Buffer.alloc(60), place, ["short"])).toThrow("seal.key");
});
