/** Names that the ingest gives: broadcasts, their first numbers, places of files. */
/** What an ingest makes by itself; a ladder adds `1080p` and so on. */
export const sourceRendition = "source";

/** Shortest life of a segment's number, milliseconds: no broadcast counts faster, as segments last longer. */
const tickMs = 2_000;

/**
 * First media sequence number of a broadcast. It grows with the clock faster than segments are made, so whoever
 * broadcasts next under the name, on whichever instance, begins above all that players have seen: RFC 8216, 6.2.2
 * lets a playlist's numbers never fall.
 */
export const firstSequence = (nowMs: number): number => Math.floor(nowMs / tickMs);

/** What the origin serves and edges know (signature/names.ts): another id would not be playable. */
export const broadcastPattern = /^b[0-9a-z]{4,31}$/;

export const segmentFile = (broadcast: string, sequence: number): string => `${broadcast}-${sequence}.ts`;
