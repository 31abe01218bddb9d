/** The wire format against bytes that other programs wrote, and log-in against a server's side of its own. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { alterScramUsers, createTopics } from "./apis.ts";
import {
  array,
  compactNullableString,
  compactString,
  decode,
  encode,
  flexible,
  int8,
  int16,
  int32,
  int64,
  nullableString,
  string,
  struct,
  unsignedVarint,
  varint,
} from "./codec.ts";
import { metadata } from "./data-apis.ts";
import { errorName, KafkaRefusal, requireNone } from "./errors.ts";
import { crc32c, decodeBatches, encodeBatch } from "./records.ts";
import { authenticate } from "./scram.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

test("numbers and texts are written as the protocol's guide says", () => {
  expect(encode(int16, -2)).toEqual(hex("fffe"));
  expect(encode(int64, 258n)).toEqual(hex("0000000000000102"));
  expect(encode(string, "ab")).toEqual(hex("00026162"));
  expect(encode(nullableString, null)).toEqual(hex("ffff"));
  expect(encode(compactString, "ab")).toEqual(hex("036162"));
  expect(encode(compactNullableString, null)).toEqual(hex("00"));
  expect(encode(unsignedVarint, 300)).toEqual(hex("ac02"));
  expect([0, -1, 1, -2, 150].map((n) => encode(varint, n).toString("hex"))).toEqual([
    "00",
    "01",
    "02",
    "03",
    "ac02",
  ]);
});

test("whatever is written is read back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.string(),
      fc.array(fc.string()),
      (n, s, all) => {
        const codec = flexible({ n: varint, s: compactString, all: array(string), small: int8, last: int32 });
        const value = { n, s, all, small: 7, last: n };
        expect(decode(codec, encode(codec, value))).toEqual(value);
      },
    ),
  );
});

test("tagged fields that are not known are passed over, and a message that ends too soon is an error", () => {
  const codec = flexible({ n: int8 });
  // one tag, number 5, of two bytes
  expect(decode(codec, hex("07 01 05 02 aaaa"))).toEqual({ n: 7 });
  expect(() => decode(string, hex("0009 6162"))).toThrow(RangeError);
  expect(() => decode(string, hex("ffff"))).toThrow(/null/);
  expect(() => decode(struct({ n: int32 }), hex("0000"))).toThrow(RangeError);
});

test("requests have the form of their versions", () => {
  expect(
    encode(metadata.request, {
      topics: null,
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    }),
  ).toEqual(hex("ffffffff 00 00 00"));
  expect(
    encode(createTopics.request, {
      topics: [
        {
          name: "a",
          partitions: 3,
          replicationFactor: 2,
          assignments: [],
          configs: [{ name: "k", value: "v" }],
        },
      ],
      timeoutMs: 1,
      validateOnly: true,
    }),
  ).toEqual(hex("00000001 000161 00000003 0002 00000000 00000001 00016b 000176 00000001 01"));
  expect(
    encode(alterScramUsers.request, {
      deletions: [{ name: "a", mechanism: 2 }],
      upsertions: [],
    }),
  ).toEqual(hex("02 0261 02 00 01 00"));
});

test("CRC-32C of the standard's vectors", () => {
  // RFC 3720, B.4, and the check value of the polynomial
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
});

test("a batch has 61 bytes of its own, and its records come back with their offsets", () => {
  const values = ["one", "", "three"].map((value) => Buffer.from(value));
  const batch = encodeBatch(values, 1_700_000_000_000);
  expect(batch.readInt32BE(8)).toBe(batch.length - 12);
  expect(batch.readInt8(16)).toBe(2);
  expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)));
  expect(encodeBatch([Buffer.alloc(0)], 0)).toHaveLength(61 + 7);
  batch.writeBigInt64BE(40n, 0);
  expect(decodeBatches(batch).map(({ offset, value }) => [offset, String(value)])).toEqual([
    [40n, "one"],
    [41n, ""],
    [42n, "three"],
  ]);
  expect(decodeBatches(batch)[0]?.key).toBeUndefined();
  // A fetch cuts its last batch off where its bytes are over.
  expect(decodeBatches(Buffer.concat([batch, batch.subarray(0, 50)]))).toHaveLength(3);
});

test("a record's key is read", () => {
  const keyed =
    hex(`0000000000000005 00000044 00000000 02 00000000 0000 00000000 ${"00".repeat(8)} ${"00".repeat(8)}
    ffffffffffffffff ffff ffffffff 00000001 16 00 00 00 06746561 04 6f6b 00`);
  keyed.writeInt32BE(keyed.length - 12, 8);
  expect(decodeBatches(keyed).map(({ offset, key, value }) => [offset, String(key), String(value)])).toEqual([
    [5n, "tea", "ok"],
  ]);
});

/** The server's side of RFC 5802 for one user. */
function server(password: string, iterations = 4_096) {
  const salt = Buffer.from("c2FsdA==", "base64");
  const salted = pbkdf2Sync(password, salt, iterations, 64, "sha512");
  const hmac = (key: Uint8Array, text: string) => createHmac("sha512", key).update(text).digest();
  let first = "";
  return async (message: string): Promise<string> => {
    if (message.startsWith("n,,")) {
      const nonce = /r=(.*)/.exec(message)?.[1] ?? "";
      first = `${message.slice(3)},r=${nonce}server,s=${salt.toString("base64")},i=${iterations}`;
      return `r=${nonce}server,s=${salt.toString("base64")},i=${iterations}`;
    }
    const [without = "", proof = ""] = message.split(",p=");
    const storedKey = createHash("sha512").update(hmac(salted, "Client Key")).digest();
    const exchanged = `${first},${without}`;
    const signature = hmac(storedKey, exchanged);
    const key = Buffer.from(Buffer.from(proof, "base64").map((byte, i) => byte ^ (signature[i] ?? 0)));
    if (!createHash("sha512").update(key).digest().equals(storedKey))
      throw new Error("Invalid client credentials");
    return `v=${hmac(hmac(salted, "Server Key"), exchanged).toString("base64")}`;
  };
}

test("log-in proves the password to the server, and the server to us", async () => {
  await authenticate("app", "right", server("right"));
  await expect(authenticate("app", "wrong", server("right"))).rejects.toThrow(/Invalid client/);
  const liar = server("right");
  await expect(
    authenticate("app", "right", async (message) =>
      message.startsWith("n,,") ? liar(message) : `v=${Buffer.alloc(64).toString("base64")}`,
    ),
  ).rejects.toThrow(/does not prove/);
  await expect(authenticate("app", "right", server("right", 100))).rejects.toThrow(/100 iterations/);
  await expect(authenticate("app", "right", async () => "r=other,s=c2FsdA==,i=4096")).rejects.toThrow(
    /nonce/,
  );
});

test("a refusal has the server's name and words", () => {
  expect(errorName(10)).toBe("MESSAGE_TOO_LARGE");
  expect(errorName(999)).toBe("error 999");
  requireNone("x", { errorCode: 0 });
  requireNone("x", { errorCode: 36 }, "TOPIC_ALREADY_EXISTS");
  expect(() => requireNone("topic a", { errorCode: 38, errorMessage: "too many" })).toThrow(
    new KafkaRefusal("INVALID_REPLICATION_FACTOR", "topic a: too many"),
  );
});
