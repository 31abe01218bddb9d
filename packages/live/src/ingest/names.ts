/** Names that the ingest gives: broadcasts, their first numbers, places of files. */
/** What an ingest makes by itself; a ladder adds `1080p` and so on. */
export const sourceRendition = "source";

/** Shortest life of a segment's number, milliseconds: no broadcast counts faster, as segments last longer (segmenter.ts). */
const tickMs = 1_000;

/**
 * First media sequence number of a broadcast. It grows with the clock faster than segments are made, so whoever
 * broadcasts next under the name, on whichever instance, begins above all that players have seen: RFC 8216, 6.2.2
 * lets a playlist's numbers never fall.
 */
export const firstSequence = (nowMs: number): number => Math.floor(nowMs / tickMs);

/** After so many the number of a broadcast's first discontinuity begins anew: 18 hours of ticks. */
const discontinuityNumbers = 2 ** 16;

/**
 * First discontinuity sequence number of a broadcast: another one than those of the broadcasts before it under the
 * name, so that players know that times begin anew. It must be small: hls.js keeps an array with an entry at this
 * index and walks through it from 0 for each segment, which at the clock's own 897,000,000 took Chromium's page eight
 * seconds a segment. A player that goes on from one broadcast to the next over the turn sees the number fall, which
 * RFC 8216, 6.2.2 does not foresee; ours opens each broadcast anew.
 */
export const firstDiscontinuity = (nowMs: number): number => firstSequence(nowMs) % discontinuityNumbers;

/** What the origin serves and edges know (signature/names.ts): another id would not be playable. */
export const broadcastPattern = /^b[0-9a-z]{4,31}$/;

export const segmentFile = (broadcast: string, sequence: number): string => `${broadcast}-${sequence}.ts`;
