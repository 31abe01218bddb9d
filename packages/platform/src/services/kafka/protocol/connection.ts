/** One TLS connection to a broker: requests in order, each answer to its own. */
import type { TLSSocket } from "node:tls";
import type { Address } from "../../service.ts";
import { dialTls } from "../../tls-probe.ts";
import { mechanism } from "../names.ts";
import type { Api } from "./api.ts";
import { encode, type Input, int16, int32, nullableString, skipTags, unsignedVarint } from "./codec.ts";
import { saslAuthenticate, saslHandshake } from "./data-apis.ts";
import { requireNone } from "./errors.ts";
import { authenticate } from "./scram.ts";

export interface BrokerConnection {
  /** SHA-256 (hex, lower case) of the certificate that the broker served. */
  readonly fingerprint: string;
  /** @throws when the connection ends, or the answer is not what the protocol says. */
  call<Q, A>(api: Api<Q, A>, request: Q): Promise<A>;
  isOpen(): boolean;
  close(): void;
  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void;
}

export interface Identity {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface OpenOptions {
  readonly identity: Identity;
  readonly login?: { readonly user: string; readonly password: string };
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** More than any answer that is asked for here; a length beyond it is no broker's. */
const longestAnswerBytes = 64 * 2 ** 20;
const clientId = "mall-agent";

interface Waiting {
  readonly read: (answer: Buffer) => void;
  readonly fail: (error: Error) => void;
}

/** @throws KafkaRefusal when the log-in is refused; what TLS or the network says otherwise. */
export async function openBroker(address: Address, options: OpenOptions): Promise<BrokerConnection> {
  const { identity, login, signal, timeoutMs } = options;
  const socket = await dialTls(address, identity, { signal, timeoutMs });
  const connection = wrap(socket);
  if (login === undefined) return connection;
  try {
    requireNone("handshake", await connection.call(saslHandshake, { mechanism }));
    await authenticate(login.user, login.password, async (message) => {
      const answer = await connection.call(saslAuthenticate, { authBytes: Buffer.from(message) });
      requireNone(`user ${login.user}`, answer);
      return Buffer.from(answer.authBytes).toString();
    });
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function wrap(socket: TLSSocket): BrokerConnection {
  const waiting = new Map<number, Waiting>();
  let received: Buffer = Buffer.alloc(0);
  let next = 0;
  let ended: Error | undefined;

  const end = (error: Error): void => {
    ended ??= error;
    socket.destroy();
    for (const { fail } of waiting.values()) fail(ended);
    waiting.clear();
  };
  socket.setNoDelay(true);
  socket.on("error", end);
  socket.on("close", () => end(new Error("the broker closed the connection")));
  socket.on("data", (data: Buffer) => {
    received = received.length === 0 ? data : Buffer.concat([received, data]);
    while (received.length >= 4) {
      const length = received.readInt32BE(0);
      if (length < 4 || length > longestAnswerBytes) return end(new Error(`an answer of ${length} bytes`));
      if (received.length < 4 + length) return;
      const answer = received.subarray(4, 4 + length);
      received = received.subarray(4 + length);
      const one = waiting.get(answer.readInt32BE(0));
      if (one === undefined) return end(new Error("an answer to nothing"));
      waiting.delete(answer.readInt32BE(0));
      one.read(answer);
    }
  });

  return {
    fingerprint: socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase(),
    isOpen: () => ended === undefined && !socket.destroyed,
    close: () => end(new Error("closed")),
    hold: (isHeld) => (isHeld ? socket.ref() : socket.unref()),
    call(api, request) {
      const correlation = next++;
      const header = Buffer.concat([
        encode(int16, api.key),
        encode(int16, api.version),
        encode(int32, correlation),
        encode(nullableString, clientId),
        api.flexible ? encode(unsignedVarint, 0) : Buffer.alloc(0),
      ]);
      const body = encode(api.request, request);
      return new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        waiting.set(correlation, {
          fail: reject,
          read(answer) {
            try {
              const input: Input = { buffer: answer, offset: 4 };
              if (api.flexible) skipTags(input);
              resolve(api.response.read(input));
            } catch (error) {
              reject(new Error(`the answer to ${api.name} cannot be read`, { cause: error }));
            }
          },
        });
        socket.write(Buffer.concat([encode(int32, header.length + body.length), header, body]));
      });
    },
  };
}
