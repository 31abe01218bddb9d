import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { seal } from "./seal.ts";

/** The other end, written from the format's description: salt, algorithm, nonce, chunk 1 bound to chunk 0's tag. */
function unseal(password: string, sealed: Buffer): string {
  const key = pbkdf2Sync(password, sealed.subarray(0, 32), 8_192, 32, "sha256");
  const nonce = (n: number) => Buffer.concat([sealed.subarray(33, 41), Buffer.of(n, 0, 0, 0)]);
  const body = sealed.subarray(41, -16);
  const cipher = createDecipheriv("aes-256-gcm", key, nonce(1));
  cipher.setAAD(Buffer.concat([Buffer.of(0x80), tagOfEmpty(key, nonce(0))]));
  cipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([cipher.update(body), cipher.final()]).toString();
}

/** GHASH of nothing is zero: the tag is the encrypted first counter block, so AES-ECB of nonce and 1. */
function tagOfEmpty(key: Buffer, nonce: Buffer): Buffer {
  const zero = createDecipheriv("aes-256-ctr", key, Buffer.concat([nonce, Buffer.of(0, 0, 0, 1)]));
  // GCM adds the length block times H, which is zero for nothing.
  return zero.update(Buffer.alloc(16));
}

test("what is sealed opens with the same password and no other", () => {
  const sealed = seal("password", '{"secretKey":"s"}');
  expect(sealed[32]).toBe(2);
  expect(unseal("password", sealed)).toBe('{"secretKey":"s"}');
  expect(() => unseal("another", sealed)).toThrow();
  expect(seal("password", "x").equals(seal("password", "x"))).toBe(false);
});

test("more than a chunk is refused rather than sealed wrongly", () => {
  expect(() => seal("password", "x".repeat(16_385))).toThrow(RangeError);
});
