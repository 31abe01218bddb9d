/**
 * Logs in by hand as a client that never asks for TLS. With a real account: MySQL looks at the transport only after
 * the account and its password, so that a stranger is told "access denied" whether plaintext is allowed or not.
 */

import { createHash } from "node:crypto";
import { connect } from "node:net";
import { patiently } from "../patience.ts";
import type { Address, Ctx, PlaintextAnswer } from "../service.ts";
import { type Login, openSession, reasonOf } from "./client.ts";
import { agentUser, localSecrets } from "./names.ts";
import type { MysqlSpec } from "./spec.ts";

/** Protocol::HandshakeResponse41 ("Connection Phase Packets"): the capabilities that matter here, CLIENT_SSL absent. */
const capabilities = { protocol41: 0x200, secureConnection: 0x8000, pluginAuth: 0x80000 } as const;

const sha256 = (...parts: readonly Buffer[]): Buffer =>
  createHash("sha256").update(Buffer.concat(parts)).digest();

/** caching_sha2_password's answer to a challenge: SHA256(p) XOR SHA256(SHA256(SHA256(p)) + nonce). */
export function scramble(password: string, nonce: Buffer): Buffer {
  const once = sha256(Buffer.from(password));
  const mask = sha256(sha256(once), nonce);
  return Buffer.from(once.map((byte, i) => byte ^ (mask[i] ?? 0)));
}

/** The 20 bytes of the server's challenge in its greeting (Protocol::HandshakeV10), in two parts. */
export function nonceIn(greeting: Buffer): Buffer {
  const after = greeting.indexOf(0, 1) + 1; // version, a string that ends with a zero
  const first = after + 4; // connection id
  // 8 bytes, a filler, flags, character set, status, flags, length, 10 reserved bytes; then the rest.
  const second = first + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10;
  return Buffer.concat([greeting.subarray(first, first + 8), greeting.subarray(second, second + 12)]);
}

/** The second packet of the exchange: the log-in, in plaintext. */
export function plaintextLogin(user: string, answer: Buffer): Buffer {
  const flags = capabilities.protocol41 | capabilities.secureConnection | capabilities.pluginAuth;
  const head = Buffer.alloc(32);
  head.writeUInt32LE(flags, 0);
  head.writeUInt32LE(0xffffff, 4);
  head.writeUInt8(255, 8); // utf8mb4_0900_ai_ci
  const body = Buffer.concat([
    head,
    Buffer.from(`${user}\0`),
    Buffer.from([answer.length]),
    answer,
    Buffer.from("caching_sha2_password\0"),
  ]);
  const packet = Buffer.alloc(4 + body.length);
  packet.writeUIntLE(body.length, 0, 3);
  packet.writeUInt8(1, 3);
  body.copy(packet, 4);
  return packet;
}

/** First whole packet in `data`, without its header. */
function packetIn(data: Buffer): { readonly payload: Buffer; readonly rest: Buffer } | undefined {
  if (data.length < 4) return undefined;
  const length = data.readUIntLE(0, 3);
  if (data.length < 4 + length) return undefined;
  return { payload: data.subarray(4, 4 + length), rest: data.subarray(4 + length) };
}

/** AuthMoreData with "fast_auth_success": the password is right, and the verdict is the next packet. */
const passwordIsRight = (payload: Buffer): boolean => payload[0] === 0x01 && payload[1] === 0x03;

/** ER_ACCESS_DENIED_ERROR (the account requires TLS) and ER_SECURE_TRANSPORT_REQUIRED (the server does). */
const refusals = [1045, 3159];

/** What an answer to the log-in means, for an account and a password that are right over TLS. */
export function plaintextVerdict(payload: Buffer): PlaintextAnswer {
  if (payload[0] === 0x00) return { refused: false, read: "let in" };
  if (payload[0] !== 0xff)
    return { refused: false, read: `went on with packet 0x${payload.toString("hex", 0, 2)}` };
  const number = payload.readUInt16LE(1);
  const words = payload.subarray(payload[3] === 0x23 ? 9 : 3).toString("utf8");
  return { refused: refusals.includes(number), read: `ERROR ${number}: ${words}` };
}

/**
 * The same account over TLS first: it shows that nothing but the transport is the reason of a refusal, and fills the
 * server's cache, without which it would ask for the password itself. Never throws.
 */
export async function plaintextProbe(ctx: Ctx<MysqlSpec>, address: Address): Promise<PlaintextAnswer> {
  const { secrets } = ctx;
  const [identity, current, previous] = await Promise.all([
    secrets.identity(),
    secrets.value(localSecrets.agent.id),
    secrets.previous(localSecrets.agent.id),
  ]);
  let failure = "";
  // While the password is being rotated a server may know the previous one only.
  for (const password of [current, ...(previous === undefined ? [] : [previous])]) {
    const login = { user: agentUser, password, identity };
    try {
      (await openSession(address, login, ctx)).close();
    } catch (error) {
      failure = reasonOf(error);
      continue;
    }
    const { refused, read } = await loginInPlaintext(address, login, ctx);
    return { refused, read: `over TLS let in; in plaintext ${read}` };
  }
  return { refused: false, read: `the same log-in over TLS failed: ${failure}` };
}

function loginInPlaintext(
  address: Address,
  { user, password }: Login,
  ctx: Pick<Ctx, "signal" | "patience">,
): Promise<PlaintextAnswer> {
  const { signal } = ctx;
  const timeoutMs = patiently(ctx, 3_000);
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port });
    let data: Buffer = Buffer.alloc(0);
    let greeted = false;
    const done = (answer: PlaintextAnswer): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = () => done({ refused: false, read: "the probe was stopped" });
    signal.addEventListener("abort", onAbort, { once: true });
    socket.setTimeout(timeoutMs, () => done({ refused: false, read: `no answer within ${timeoutMs} ms` }));
    socket.once("error", (error) => done({ refused: false, read: error.message }));
    socket.once("close", () =>
      done({ refused: greeted, read: greeted ? "closed after the log-in" : "closed before a greeting" }),
    );
    socket.on("data", (chunk) => {
      data = Buffer.concat([data, chunk]);
      for (let packet = packetIn(data); packet !== undefined; packet = packetIn(data)) {
        data = packet.rest;
        if (packet.payload[0] === 0xff || (greeted && !passwordIsRight(packet.payload)))
          return done(plaintextVerdict(packet.payload));
        if (greeted) continue;
        greeted = true;
        socket.write(plaintextLogin(user, scramble(password, nonceIn(packet.payload))));
      }
    });
  });
}
