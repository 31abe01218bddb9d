/** A batch of records, format 2 (kafka.apache.org/documentation/#recordbatch), uncompressed. */
import { type Codec, encode, type Input, int8, int16, int32, int64, struct, varint } from "./codec.ts";

export interface KafkaRecord {
  readonly offset: bigint;
  /** Undefined: it has none. */
  readonly key: Buffer | undefined;
  readonly value: Buffer;
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/** CRC-32C (Castagnoli), as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = ((value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0)) >>> 0;
  return (value ^ 0xffffffff) >>> 0;
}

interface Written {
  readonly delta: number;
  readonly key?: Uint8Array | undefined;
  readonly value: Uint8Array;
}

const record: Codec<Written> = {
  write(output, { delta, value }) {
    const body = Buffer.concat([
      // attributes, timestamp delta, offset delta, no key
      encode(int8, 0),
      encode(varint, 0),
      encode(varint, delta),
      encode(varint, -1),
      encode(varint, value.length),
      value,
      // no headers
      encode(varint, 0),
    ]);
    varint.write(output, body.length);
    output.write(body);
  },
  read(input) {
    const length = varint.read(input);
    const end = input.offset + length;
    int8.read(input);
    varint.read(input);
    const delta = varint.read(input);
    const [key, value] = [sized(input), sized(input)];
    input.offset = end;
    return { delta, key, value: value ?? new Uint8Array() };
  },
};

/** Bytes behind their length; undefined where that is below 0. */
function sized(input: Input): Uint8Array | undefined {
  const size = varint.read(input);
  const bytes = input.buffer.subarray(input.offset, input.offset + Math.max(0, size));
  input.offset += bytes.length;
  return size < 0 ? undefined : bytes;
}

/** What the checksum covers, up to the records. */
const covered = struct({
  attributes: int16,
  lastOffsetDelta: int32,
  baseTimestamp: int64,
  maxTimestamp: int64,
  producerId: int64,
  producerEpoch: int16,
  baseSequence: int32,
  count: int32,
});

/** @param timestamp milliseconds since the epoch */
export function encodeBatch(values: readonly Uint8Array[], timestamp: number): Buffer {
  const body = Buffer.concat([
    encode(covered, {
      attributes: 0,
      lastOffsetDelta: values.length - 1,
      baseTimestamp: BigInt(timestamp),
      maxTimestamp: BigInt(timestamp),
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      count: values.length,
    }),
    ...values.map((value, delta) => encode(record, { delta, value })),
  ]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32c(body));
  // partition leader epoch and magic stand before the checksum
  const rest = Buffer.concat([encode(int32, -1), encode(int8, 2), checksum, body]);
  return Buffer.concat([encode(int64, 0n), encode(int32, rest.length), rest]);
}

/** The uncompressed records of a fetch's answer; a last batch that was cut off is left out. */
export function decodeBatches(buffer: Buffer): readonly KafkaRecord[] {
  const records: KafkaRecord[] = [];
  const input: Input = { buffer, offset: 0 };
  while (buffer.length - input.offset >= 12) {
    const base = int64.read(input);
    const end = int32.read(input) + input.offset;
    if (end > buffer.length) break;
    // leader epoch, magic, checksum
    input.offset += 9;
    const { attributes, count } = covered.read(input);
    if ((attributes & 7) === 0) {
      for (let i = 0; i < count; i += 1) {
        const { delta, key, value } = record.read(input);
        records.push({
          offset: base + BigInt(delta),
          key: key === undefined ? undefined : Buffer.from(key),
          value: Buffer.from(value),
        });
      }
    }
    input.offset = end;
  }
  return records;
}
