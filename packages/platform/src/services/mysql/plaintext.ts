/** Speaks the MySQL protocol by hand, as a client that never asks for TLS and has no account. */
import { connect } from "node:net";
import type { Address, PlaintextAnswer } from "../service.ts";

/** Protocol::HandshakeResponse41 ("Connection Phase Packets"): the capabilities that matter here, CLIENT_SSL absent. */
const capabilities = { protocol41: 0x200, secureConnection: 0x8000, pluginAuth: 0x80000 } as const;
const timeoutMs = 3_000;

/** The second packet of the exchange: a log-in in plaintext, as nobody. */
export function plaintextLogin(): Buffer {
  const flags = capabilities.protocol41 | capabilities.secureConnection | capabilities.pluginAuth;
  const head = Buffer.alloc(32);
  head.writeUInt32LE(flags, 0);
  head.writeUInt32LE(0xffffff, 4);
  head.writeUInt8(255, 8); // utf8mb4_0900_ai_ci
  const body = Buffer.concat([
    head,
    Buffer.from("plaintext-probe\0"),
    Buffer.from([0]), // an empty authentication response
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

/** ER_SECURE_TRANSPORT_REQUIRED: the one answer that says the log-in failed for being in plaintext. */
const secureTransportRequired = 3159;

/**
 * What an answer to the log-in means. Only the server's own word that it wants TLS, or a closed connection, counts:
 * "access denied" would mean that a password may be tried in plaintext.
 */
export function plaintextVerdict(payload: Buffer): PlaintextAnswer {
  if (payload[0] !== 0xff)
    return { refused: false, read: `went on with packet 0x${payload.toString("hex", 0, 1)}` };
  const number = payload.readUInt16LE(1);
  const words = payload.subarray(payload[3] === 0x23 ? 9 : 3).toString("utf8");
  return { refused: number === secureTransportRequired, read: `ERROR ${number}: ${words}` };
}

/** Never throws for what the server does; a server that is not there is not a refusal. */
export function plaintextProbe(address: Address, signal: AbortSignal): Promise<PlaintextAnswer> {
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
        if (greeted || packet.payload[0] === 0xff) return done(plaintextVerdict(packet.payload));
        greeted = true;
        socket.write(plaintextLogin());
      }
    });
  });
}
