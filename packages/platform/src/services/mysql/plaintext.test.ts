import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { nonceIn, plaintextLogin, plaintextVerdict, scramble } from "./plaintext.ts";

const sha = (...parts: readonly Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

/** A greeting as MySQL 9.7 sends it, with a challenge of 1 to 20. */
const greeting = Buffer.concat([
  Buffer.from([10]),
  Buffer.from("9.7.4-2\0"),
  Buffer.from([9, 0, 0, 0]),
  Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 0]),
  Buffer.from("ffffff0200ffdf15", "hex"),
  Buffer.alloc(10),
  Buffer.from([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 0]),
  Buffer.from("caching_sha2_password\0"),
]);

test("the challenge is found in both parts of the greeting", () => {
  expect([...nonceIn(greeting)]).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test("the server can recover the password's hash from the answer, and only with the challenge", () => {
  const nonce = nonceIn(greeting);
  const stored = sha(sha(Buffer.from("secret")));
  const answer = scramble("secret", nonce);
  // What the server does: XOR with its own mask gives SHA256(password), whose hash it has.
  const mask = sha(stored, nonce);
  expect(sha(Buffer.from(answer.map((b, i) => b ^ (mask[i] ?? 0))))).toEqual(stored);
});

test("the log-in asks for no TLS and carries the answer", () => {
  const packet = plaintextLogin("agent", Buffer.from("answer"));
  expect(packet.readUIntLE(0, 3)).toBe(packet.length - 4);
  expect(packet.readUInt32LE(4) & 0x800).toBe(0); // CLIENT_SSL
  expect(packet.includes("agent\0\u0006answercaching_sha2_password\0")).toBe(true);
});

const error = (number: number) =>
  Buffer.concat([Buffer.from([0xff, number & 0xff, number >> 8]), Buffer.from("#HY000words")]);

test.each([
  ["let in", Buffer.from([0]), false],
  ["asked for the password itself", Buffer.from([1, 4]), false],
  ["asked to go on in another way", Buffer.from([0xfe]), false],
  ["too many connections", error(1040), false],
  ["the account requires TLS", error(1045), true],
  ["the server requires TLS", error(3159), true],
])("%s", (_what, payload, refused) => {
  expect(plaintextVerdict(payload).refused).toBe(refused);
});
