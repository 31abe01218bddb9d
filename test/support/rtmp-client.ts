/**
 * A publisher that does as the test says, where ffmpeg would not misbehave: RTMP by hand (Adobe's specification 1.0:
 * handshake 5.2, chunks 5.3, commands 7; AMF 0). It writes whole chunk headers only, and reads them all.
 */
import { connect, type Socket } from "node:net";

export interface RtmpMessage {
  readonly type: number;
  readonly body: Buffer;
}

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

export type AmfValue = string | number | boolean | null | { readonly [key: string]: AmfValue };

const types = { setChunkSize: 1, command: 20 } as const;
const chunkBytes = 4096;

/** Connected to an application, with a stream (number 1) to publish on. @throws when the server does not answer */
export async function rtmpClient(host: string, port: number, app = "live"): Promise<RtmpClient> {
  const socket = connect({ host, port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
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
    if (message.type !== types.command) return;
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
    send(3, types.command, streamId, 0, Buffer.concat(values.map(encodeAmf)));

  const size = Buffer.alloc(4);
  size.writeUInt32BE(chunkBytes);
  send(2, types.setChunkSize, 0, 0, size);
  command(0, "connect", 1, {
    app,
    type: "nonprivate",
    flashVer: "mall",
    tcUrl: `rtmp://${host}:${port}/${app}`,
  });
  command(0, "createStream", 2, null);
  if (!(await until(() => answers.length >= 2, 5_000))) throw new Error(`no stream: ${answers.join(", ")}`);

  return {
    codes,
    command,
    publish(name) {
      publishedAt = Date.now();
      command(1, "publish", 3, null, name, "live");
    },
    media: (type, timestamp, body) => send(type === 8 ? 4 : 6, type, 1, timestamp, body),
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
    const early = (): void => reject(new Error("closed in the handshake"));
    const take = (bytes: Buffer): void => {
      read = Buffer.concat([read, bytes]);
      if (read.length < 1 + 2 * part) return;
      socket.off("data", take);
      socket.off("close", early);
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

function chunks(
  chunkStream: number,
  type: number,
  streamId: number,
  timestamp: number,
  body: Uint8Array,
): Buffer {
  const header = Buffer.alloc(12);
  header[0] = chunkStream;
  header.writeUIntBE(timestamp, 1, 3);
  header.writeUIntBE(body.length, 4, 3);
  header[7] = type;
  header.writeUInt32LE(streamId, 8);
  const parts: Uint8Array[] = [header, body.subarray(0, chunkBytes)];
  for (let at = chunkBytes; at < body.length; at += chunkBytes) {
    parts.push(Uint8Array.of(0xc0 | chunkStream), body.subarray(at, at + chunkBytes));
  }
  return Buffer.concat(parts);
}

interface Incoming {
  length: number;
  type: number;
  read: Buffer;
}

/** Puts the server's chunks together to messages. */
function messageReader(onMessage: (message: RtmpMessage) => void): (bytes: Buffer) => void {
  const headerBytes = [11, 7, 3, 0] as const;
  const streams = new Map<number, Incoming>();
  let size = 128;
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let used = one(); used > 0; used = one()) rest = rest.subarray(used);
  };

  /** @returns how many bytes the first chunk took, 0 when it is not whole yet */
  function one(): number {
    const [first] = rest;
    if (first === undefined) return 0;
    const id = first & 0x3f;
    // Servers use small numbers; longer forms are not read here.
    const header = headerBytes[(first >> 6) as 0 | 1 | 2 | 3];
    const known = streams.get(id);
    if (rest.length < 1 + header) return 0;
    const message =
      header >= 7
        ? { length: rest.readUIntBE(4, 3), type: rest[7] ?? 0, read: Buffer.alloc(0) }
        : (known ?? { length: 0, type: 0, read: Buffer.alloc(0) });
    const wanted = Math.min(size, message.length - message.read.length);
    const whole = 1 + header + wanted;
    if (rest.length < whole) return 0;
    message.read = Buffer.concat([message.read, rest.subarray(1 + header, whole)]);
    streams.set(id, message);
    if (message.read.length >= message.length) {
      const body = message.read;
      message.read = Buffer.alloc(0);
      if (message.type === types.setChunkSize) size = body.readUInt32BE(0);
      onMessage({ type: message.type, body });
    }
    return whole;
  }
}

function encodeAmf(value: AmfValue): Buffer {
  if (value === null) return Buffer.from([5]);
  if (typeof value === "boolean") return Buffer.from([1, value ? 1 : 0]);
  if (typeof value === "number") {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === "string") return Buffer.concat([Buffer.from([2]), text(value)]);
  const members = Object.entries(value).flatMap(([key, member]) => [text(key), encodeAmf(member)]);
  return Buffer.concat([Buffer.from([3]), ...members, Buffer.from([0, 0, 9])]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function decodeAmf(body: Buffer): readonly AmfValue[] {
  let at = 0;
  const string = (): string => {
    const length = body.readUInt16BE(at);
    at += 2 + length;
    return body.toString("utf8", at - length, at);
  };
  const value = (): AmfValue => {
    const marker = body[at++];
    if (marker === 0) {
      at += 8;
      return body.readDoubleBE(at - 8);
    }
    if (marker === 1) return body[at++] !== 0;
    if (marker === 2) return string();
    if (marker === 3 || marker === 8) {
      // An array is an object behind its length.
      if (marker === 8) at += 4;
      const members: Record<string, AmfValue> = {};
      for (let key = string(); key !== "" || body[at] !== 9; key = string()) members[key] = value();
      at += 1;
      return members;
    }
    return null;
  };
  const values: AmfValue[] = [];
  while (at < body.length) values.push(value());
  return values;
}

export interface FlvTag {
  readonly type: number;
  readonly timestamp: number;
  readonly body: Buffer;
}

/** The tags of an FLV file are the messages of RTMP (Adobe Flash Video File Format 10.1, E.4). */
export function flvTags(file: Buffer): readonly FlvTag[] {
  const tags: FlvTag[] = [];
  for (let at = 13; at + 11 <= file.length; ) {
    const length = file.readUIntBE(at + 1, 3);
    tags.push({
      type: file[at] ?? 0,
      timestamp: file.readUIntBE(at + 4, 3),
      body: file.subarray(at + 11, at + 11 + length),
    });
    at += 11 + length + 4;
  }
  return tags;
}
