/** Values of AMF 0, in which RTMP writes its commands (Adobe, Action Message Format 0; RTMP 1.0, 7). */

export type AmfValue = string | number | boolean | null | { readonly [key: string]: AmfValue };

export function encodeAmf(value: AmfValue): Buffer {
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

export function decodeAmf(body: Buffer): readonly AmfValue[] {
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
