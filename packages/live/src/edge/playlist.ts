/** A playlist in which every address carries the signature of the request that fetched it. */

const attribute = /\bURI="([^"]+)"/g;

/**
 * Appends `query` to every URI line and URI attribute (RFC 8216, 4.1 and 4.3), so that a player which follows them
 * needs nothing else. Other lines stay as they are, byte by byte.
 */
export function signPlaylist(playlist: string, query: string): string {
  const signed = (uri: string): string => `${uri}${uri.includes("?") ? "&" : "?"}${query}`;
  return playlist
    .split("\n")
    .map((line) => {
      const end = line.endsWith("\r") ? "\r" : "";
      const text = end === "" ? line : line.slice(0, -1);
      if (text === "") return line;
      if (!text.startsWith("#")) return signed(text) + end;
      return text.includes('URI="')
        ? text.replace(attribute, (_, uri: string) => `URI="${signed(uri)}"`) + end
        : line;
    })
    .join("\n");
}
