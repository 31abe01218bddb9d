/** FLV files, whose tags are the messages of RTMP. */

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
