/**
 * A publisher that does exactly as it is told, where ffmpeg would not misbehave: RTMP by hand (Adobe, RTMP 1.0:
 * handshake 5.2, commands 7). It writes whole chunk headers only, and reads them all.
 */
import { connect, type Socket } from "node:net";
import { type AmfValue, decodeAmf, encodeAmf } from "./amf.ts";
import { chunkBytes, chunks, messageReader, messageTypes } from "./chunks.ts";

export interface RtmpClient {
  /** Sends a command without waiting for its answer. */
  command(streamId: number, ...values: readonly AmfValue[]): void;
  /** Sends sound (8), pictures (9) or data (18). */
  media(type: number, timestamp: number, body: Uint8Array): void;
  /** Publishes, without waiting for the answer. */
  publish(name: string): void;
  /** The first `onStatus` code from now on, or why there is none: `closed`, `nothing`. */
  status(withinMs: number): Promise<string>;
  /** All `onStatus` codes so far. */
  readonly codes: readonly string[];
  /** How long after `publish` the server closed the connection, in ms; undefined when it did not `withinMs`. */
  closed(withinMs: number): Promise<number | undefined>;
  end(): void;
}

/** A server on a busy machine answers within this. */
const answerMs = 5_000;

/** Connected to an application, with a stream (number 1) to publish on. @throws when the server does not answer */
export async function rtmpClient(host: string, port: number, app = "live"): Promise<RtmpClient> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await connected(socket);
    return await rtmpOver(socket, `rtmp://${host}:${port}`, app);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no connection within ${answerMs} ms`)), answerMs);
    const settle = (then: () => void) => () => {
      clearTimeout(timer);
      then();
    };
    socket.once("connect", settle(resolve));
    socket.once("error", (error) => settle(() => reject(error))());
  });
}

/** The same over a connection that is there, of TLS for instance. @throws when the server does not answer */
export async function rtmpOver(socket: Socket, server: string, app = "live"): Promise<RtmpClient> {
  const codes: string[] = [];
  const answers: (string | number)[] = [];
  const waiting = new Set<() => void>();
  let closedAt: number | undefined;
  let publishedAt = Date.now();
  const wake = (): void => {
    for (const each of [...waiting]) each();
  };
  socket.on("error", () => {});
  socket.on("close", () => {
    closedAt = Date.now();
    wake();
  });

  const reader = messageReader((message) => {
    if (message.type !== messageTypes.command) return;
    const [name, , , info] = decodeAmf(message.body);
    if (name === "_result" || name === "_error") answers.push(String(name));
    if (name === "onStatus" && typeof info === "object" && info !== null) codes.push(String(info.code));
    wake();
  });
  await handshake(socket, reader);

  const until = async (holds: () => boolean, withinMs: number): Promise<boolean> => {
    for (const end = Date.now() + withinMs; !holds(); ) {
      if (Date.now() >= end || closedAt !== undefined) return holds();
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, Math.max(1, end - Date.now()));
        waiting.add(done);
      });
    }
    return true;
  };
  const send = (
    chunkStream: number,
    type: number,
    streamId: number,
    timestamp: number,
    body: Uint8Array,
  ): void => {
    if (closedAt === undefined) socket.write(chunks(chunkStream, type, streamId, timestamp, body));
  };
  const command = (streamId: number, ...values: readonly AmfValue[]): void =>
    send(3, messageTypes.command, streamId, 0, Buffer.concat(values.map(encodeAmf)));

  const size = Buffer.alloc(4);
  size.writeUInt32BE(chunkBytes);
  send(2, messageTypes.setChunkSize, 0, 0, size);
  command(0, "connect", 1, {
    app,
    type: "nonprivate",
    flashVer: "mall",
    tcUrl: `${server}/${app}`,
  });
  command(0, "createStream", 2, null);
  if (!(await until(() => answers.length >= 2, answerMs)))
    throw new Error(`no stream: ${answers.join(", ")}`);

  return {
    codes,
    command,
    publish(name) {
      publishedAt = Date.now();
      command(1, "publish", 3, null, name, "live");
    },
    media: (type, timestamp, body) => send(type === messageTypes.audio ? 4 : 6, type, 1, timestamp, body),
    async status(withinMs) {
      const before = codes.length;
      await until(() => codes.length > before, withinMs);
      return codes[before] ?? (closedAt === undefined ? "nothing" : "closed");
    },
    async closed(withinMs) {
      await until(() => closedAt !== undefined, withinMs);
      return closedAt === undefined ? undefined : closedAt - publishedAt;
    },
    end: () => socket.destroy(),
  };
}

/** C0, C1 and C2; what the server says after its S2 goes to the reader. */
function handshake(socket: Socket, reader: (bytes: Buffer) => void): Promise<void> {
  const part = 1536;
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const timer = setTimeout(() => reject(new Error(`no handshake within ${answerMs} ms`)), answerMs);
    const early = (): void => {
      clearTimeout(timer);
      reject(new Error("closed in the handshake"));
    };
    const take = (bytes: Buffer): void => {
      read = Buffer.concat([read, bytes]);
      if (read.length < 1 + 2 * part) return;
      socket.off("data", take);
      socket.off("close", early);
      clearTimeout(timer);
      socket.write(read.subarray(1, 1 + part));
      socket.on("data", reader);
      reader(read.subarray(1 + 2 * part));
      resolve();
    };
    socket.on("data", take);
    socket.on("close", early);
    const hello = Buffer.alloc(1 + part, 7);
    hello[0] = 3;
    hello.fill(0, 1, 9);
    socket.write(hello);
  });
}
