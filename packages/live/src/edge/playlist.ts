/** A playlist in which every address carries the signature of the request that fetched it. */

const attribute = /\bURI="([^"]+)"/g;
const uriLine = /^[^#\r\n][^\r\n]*/gm;

/**
 * Appends `query` to every URI line and URI attribute (RFC 8216, 4.1 and 4.3), so that a player which follows them
 * needs nothing else. Other text stays as it is, byte by byte. `query` holds no `$` (signature/query.ts).
 */
export function signPlaylist(playlist: string, query: string): string {
  // What an ingest writes: one pass of the engine's own, as this is most of what an edge does for a viewer.
  if (!playlist.includes("?") && !playlist.includes('URI="')) return playlist.replace(uriLine, `$&?${query}`);
  const signed = (uri: string): string => `${uri}${uri.includes("?") ? "&" : "?"}${query}`;
  return playlist
    .replace(uriLine, signed)
    .replace(/^#.*/gm, (line) => line.replace(attribute, (_, uri: string) => `URI="${signed(uri)}"`));
}
