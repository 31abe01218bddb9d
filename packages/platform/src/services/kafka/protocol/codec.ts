/**
 * Kafka's wire types as values that both write and read (kafka.apache.org/protocol, "Protocol primitive types").
 * A message is a `struct` of them: its TypeScript type follows from its definition.
 */

export interface Output {
  write(bytes: Uint8Array): void;
  /** Reserves `length` bytes and lets `fill` write them at its offset. */
  reserve(length: number, fill: (buffer: Buffer, offset: number) => void): void;
}

export interface Input {
  readonly buffer: Buffer;
  offset: number;
}

export interface Codec<T> {
  write(output: Output, value: T): void;
  /** @throws RangeError when the message is shorter than it says. */
  read(input: Input): T;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

const fixed = <T>(
  length: number,
  put: (buffer: Buffer, value: T, offset: number) => void,
  get: (buffer: Buffer, offset: number) => T,
): Codec<T> => ({
  write: (output, value) => output.reserve(length, (buffer, offset) => put(buffer, value, offset)),
  read(input) {
    const value = get(input.buffer, input.offset);
    input.offset += length;
    return value;
  },
});

export const int8 = fixed<number>(
  1,
  (b, v, o) => b.writeInt8(v, o),
  (b, o) => b.readInt8(o),
);
export const int16 = fixed<number>(
  2,
  (b, v, o) => b.writeInt16BE(v, o),
  (b, o) => b.readInt16BE(o),
);
export const int32 = fixed<number>(
  4,
  (b, v, o) => b.writeInt32BE(v, o),
  (b, o) => b.readInt32BE(o),
);
export const int64 = fixed<bigint>(
  8,
  (b, v, o) => b.writeBigInt64BE(v, o),
  (b, o) => b.readBigInt64BE(o),
);
export const bool = fixed<boolean>(
  1,
  (b, v, o) => b.writeInt8(v ? 1 : 0, o),
  (b, o) => b.readInt8(o) !== 0,
);

/** Seven bits a byte, the lowest first. */
export const unsignedVarint: Codec<number> = {
  write(output, value) {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 0x7f) {
      bytes.push((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    output.write(Uint8Array.from([...bytes, rest]));
  },
  read(input) {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = input.buffer.readUInt8(input.offset++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  },
};

/** The same for numbers that may be negative: 0, -1, 1, -2 … become 0, 1, 2, 3. */
export const varint: Codec<number> = {
  write: (output, value) => unsignedVarint.write(output, value >= 0 ? value * 2 : -value * 2 - 1),
  read(input) {
    const value = unsignedVarint.read(input);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  },
};

function take(input: Input, length: number): Buffer {
  const end = input.offset + length;
  if (length < 0 || end > input.buffer.length)
    throw new RangeError(`${length} bytes beyond the message's end`);
  const part = input.buffer.subarray(input.offset, end);
  input.offset = end;
  return part;
}

/** A length before the content; compact ones count one more, so that 0 is null. */
interface Length {
  write(output: Output, length: number | undefined): void;
  read(input: Input): number | undefined;
}
const plain = (codec: Codec<number>): Length => ({
  write: (output, length) => codec.write(output, length ?? -1),
  read(input) {
    const length = codec.read(input);
    return length < 0 ? undefined : length;
  },
});
const compact: Length = {
  write: (output, length) => unsignedVarint.write(output, length === undefined ? 0 : length + 1),
  read(input) {
    const length = unsignedVarint.read(input);
    return length === 0 ? undefined : length - 1;
  },
};

const nullable = <T>(
  length: Length,
  encode: (output: Output, value: T) => void,
  sizeOf: (value: T) => number,
  decode: (input: Input, size: number) => T,
): Codec<T | null> => ({
  write(output, value) {
    length.write(output, value === null ? undefined : sizeOf(value));
    if (value !== null) encode(output, value);
  },
  read(input) {
    const size = length.read(input);
    return size === undefined ? null : decode(input, size);
  },
});

/** @throws RangeError by `read` when the other side sent null. */
const required = <T>(codec: Codec<T | null>): Codec<T> => ({
  write: (output, value) => codec.write(output, value),
  read(input) {
    const value = codec.read(input);
    if (value === null) throw new RangeError("null where a value is required");
    return value;
  },
});

const text = (length: Length) =>
  nullable<string>(
    length,
    (output, value) => output.write(Buffer.from(value)),
    (value) => Buffer.byteLength(value),
    (input, size) => take(input, size).toString(),
  );
const binary = (length: Length) =>
  nullable<Uint8Array>(
    length,
    (output, value) => output.write(value),
    (value) => value.length,
    take,
  );
const list = <T>(length: Length, item: Codec<T>) =>
  nullable<readonly T[]>(
    length,
    (output, values) => {
      for (const value of values) item.write(output, value);
    },
    (values) => values.length,
    (input, size) => Array.from({ length: size }, () => item.read(input)),
  );

export const nullableString = text(plain(int16));
export const string = required(nullableString);
export const nullableBytes = binary(plain(int32));
export const bytes = required(nullableBytes);
export const nullableArray = <T>(item: Codec<T>): Codec<readonly T[] | null> => list(plain(int32), item);
export const array = <T>(item: Codec<T>): Codec<readonly T[]> => required(nullableArray(item));

export const compactNullableString = text(compact);
export const compactString = required(compactNullableString);
export const compactBytes = required(binary(compact));
export const compactNullableArray = <T>(item: Codec<T>): Codec<readonly T[] | null> => list(compact, item);
export const compactArray = <T>(item: Codec<T>): Codec<readonly T[]> => required(compactNullableArray(item));

type Fields = Readonly<Record<string, Codec<unknown>>>;
type Struct<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Its fields one after the other. */
export const struct = <F extends Fields>(fields: F): Codec<Struct<F>> => ({
  write(output, value) {
    for (const [name, codec] of Object.entries(fields)) codec.write(output, value[name]);
  },
  read: (input) =>
    Object.fromEntries(Object.entries(fields).map(([name, codec]) => [name, codec.read(input)])) as Struct<F>,
});

/** A struct of a flexible version: tagged fields follow, of which none are sent and all are skipped. */
export const flexible = <F extends Fields>(fields: F): Codec<Struct<F>> => {
  const inner = struct(fields);
  return {
    write(output, value) {
      inner.write(output, value);
      unsignedVarint.write(output, 0);
    },
    read(input) {
      const value = inner.read(input);
      skipTags(input);
      return value;
    },
  };
};

export function skipTags(input: Input): void {
  for (let left = unsignedVarint.read(input); left > 0; left -= 1) {
    unsignedVarint.read(input);
    take(input, unsignedVarint.read(input));
  }
}

export function encode<T>(codec: Codec<T>, value: T): Buffer {
  const parts: Uint8Array[] = [];
  codec.write(
    {
      write: (part) => parts.push(part),
      reserve(length, fill) {
        const part = Buffer.alloc(length);
        fill(part, 0);
        parts.push(part);
      },
    },
    value,
  );
  return Buffer.concat(parts);
}

export const decode = <T>(codec: Codec<T>, buffer: Buffer): T => codec.read({ buffer, offset: 0 });
