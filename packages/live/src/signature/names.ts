/** Names and addresses of what an edge serves: one master playlist a stream, and below it media playlists and segments. */

/** A room's name, which is its stream's: also what nginx-rtmp's 256-byte buffers and every file system take. */
export const streamName = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export type LiveObject =
  | { readonly kind: "master"; readonly stream: string }
  | { readonly kind: "media"; readonly stream: string; readonly rendition: string }
  | {
      readonly kind: "segment";
      readonly stream: string;
      readonly rendition: string;
      readonly broadcast: string;
      readonly sequence: number;
    };

export const isStreamName = (name: string): boolean => streamName.test(name);

export const masterPath = (stream: string): string => `/live/${stream}.m3u8`;
export const mediaPath = (stream: string, rendition: string): string => `/live/${stream}/${rendition}.m3u8`;
export const segmentPath = (stream: string, rendition: string, broadcast: string, sequence: number): string =>
  `/live/${stream}/${rendition}/${broadcast}-${sequence}.ts`;

// One pattern for all three: an edge asks it for every request.
const objectPath =
  /^\/live\/([a-z0-9][a-z0-9_-]{0,63})(?:\.m3u8|\/([a-z0-9]{1,16})(?:\.m3u8|\/(b[0-9a-z]{4,31})-(0|[1-9][0-9]{0,9})\.ts))$/;

/** What a path names, undefined when it names nothing an edge serves: no other spelling of a name is taken. */
export function objectOf(path: string): LiveObject | undefined {
  const [, stream, rendition, broadcast, sequence] = objectPath.exec(path) ?? [];
  if (stream === undefined) return undefined;
  if (rendition === undefined) return { kind: "master", stream };
  if (broadcast === undefined) return { kind: "media", stream, rendition };
  return { kind: "segment", stream, rendition, broadcast, sequence: Number(sequence) };
}
