/** RTMP's chunks (Adobe, RTMP 1.0, 5.3). */

export interface RtmpMessage {
  readonly type: number;
  readonly body: Buffer;
}

export const messageTypes = { setChunkSize: 1, audio: 8, video: 9, command: 20 } as const;
export const chunkBytes = 4096;

/** A message as whole chunks: one full header, the rest with none. */
export function chunks(
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
export function messageReader(onMessage: (message: RtmpMessage) => void): (bytes: Buffer) => void {
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
      if (message.type === messageTypes.setChunkSize) size = body.readUInt32BE(0);
      onMessage({ type: message.type, body });
    }
    return whole;
  }
}
