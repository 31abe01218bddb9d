/** Names and addresses of what an edge serves: one master playlist a stream, below it media playlists, segments, replays. */

const sequence = "(?:0|[1-9][0-9]{0,9})";

/** What names consist of, as text that JavaScript and PCRE read alike: nginx's locations are made of the same parts. */
export const parts = {
  stream: "[a-z0-9][a-z0-9_-]{0,63}",
  rendition: "[a-z0-9]{1,16}",
  broadcast: "b[0-9a-z]{4,31}",
  sequence,
  recorded: `source-${sequence}-[1-9][0-9]{12}-[1-9][0-9]{0,4}(?:-d)?\\.ts`,
} as const;

/** A room's name, which is its stream's: also what nginx-rtmp's 256-byte buffers and every file system take. */
export const streamName = new RegExp(`^${parts.stream}$`);

export type LiveObject =
  | { readonly kind: "master"; readonly stream: string }
  | { readonly kind: "media"; readonly stream: string; readonly rendition: string }
  | {
      readonly kind: "segment";
      readonly stream: string;
      readonly rendition: string;
      readonly broadcast: string;
      readonly sequence: number;
    }
  | { readonly kind: "replay" | "poster"; readonly stream: string; readonly broadcast: string }
  | {
      readonly kind: "recorded";
      readonly stream: string;
      readonly broadcast: string;
      readonly file: string;
    };

export const isStreamName = (name: string): boolean => streamName.test(name);

export const masterPath = (stream: string): string => `/live/${stream}.m3u8`;
export const mediaPath = (stream: string, rendition: string): string => `/live/${stream}/${rendition}.m3u8`;
export const segmentPath = (stream: string, rendition: string, broadcast: string, sequence: number): string =>
  `/live/${stream}/${rendition}/${broadcast}-${sequence}.ts`;

export const replayPath = (stream: string, broadcast: string): string =>
  `/live/${stream}/replay/${broadcast}.m3u8`;
export const posterPath = (stream: string, broadcast: string): string =>
  `/live/${stream}/replay/${broadcast}.jpg`;

// One pattern for all three: an edge asks it for every request.
const objectPath = new RegExp(
  `^/live/(${parts.stream})(?:\\.m3u8|/(${parts.rendition})(?:\\.m3u8|/(${parts.broadcast})-(${sequence})\\.ts))$`,
);

/** What a path names, undefined when it names nothing an edge serves: no other spelling of a name is taken. */
export function objectOf(path: string): LiveObject | undefined {
  const [, stream, rendition, broadcast, sequence] = objectPath.exec(path) ?? [];
  if (stream === undefined) return replayOf(path);
  if (rendition === undefined) return { kind: "master", stream };
  if (broadcast === undefined) return { kind: "media", stream, rendition };
  return { kind: "segment", stream, rendition, broadcast, sequence: Number(sequence) };
}

/** What is recorded: its playlist, its picture, and its segments by the names that they have in the bucket. */
const replayPattern = new RegExp(
  `^/live/(${parts.stream})/replay/(${parts.broadcast})(?:\\.(m3u8|jpg)|/(${parts.recorded}))$`,
);

function replayOf(path: string): LiveObject | undefined {
  const [, stream, broadcast, ending, file] = replayPattern.exec(path) ?? [];
  if (stream === undefined || broadcast === undefined) return undefined;
  if (file !== undefined) return { kind: "recorded", stream, broadcast, file };
  return { kind: ending === "jpg" ? "poster" : "replay", stream, broadcast };
}
