/**
 * Cuts a rendition where its source was cut: a picture belongs to the segment in whose time it is to be seen. The
 * rendition keeps the source's time stamps, so the segments of all cover the same times (RFC 8216, 6.2.4).
 * Deterministic, as the segmenter is.
 */
import { isVideo, unwrap } from "./ts.ts";
import { type Beginning, concat, tsReader } from "./ts-reader.ts";

/** A segment of a rendition. Its times are the source's. */
export interface Piece {
  readonly data: Uint8Array;
  readonly keyframeSeconds: number;
}

export interface Follower {
  /** The source's segment of this number begins at this time. Said before anything of it is pushed. */
  expect(cut: { readonly id: number; readonly presentation: number; readonly independent: boolean }): void;
  push(chunk: Uint8Array): void;
  /** All was written: what was begun is the last segment. */
  end(): void;
}

/** Encoding keeps 90 kHz exactly; this is for its rounding. */
const slackSeconds = 0.002;

interface Expected {
  readonly id: number;
  readonly time: number;
  readonly independent: boolean;
}

interface Open {
  readonly id: number;
  readonly packets: Uint8Array[];
  /** Its first picture is the source's, a keyframe where the source has one. */
  readonly whole: boolean;
  lastKey: number;
  keyframeSeconds: number;
}

/** @param onPiece what was made of each segment that was expected; undefined where it is not whole */
export function follower(onPiece: (id: number, piece: Piece | undefined) => void): Follower {
  const cuts: Expected[] = [];
  let open: Open | undefined;
  let count = 0;
  let last: number | undefined;
  let told: number | undefined;
  const reader = tsReader({
    onPacket(raw, begun) {
      if (begun !== undefined && isVideo(begun.stream.type)) begins(begun);
      open?.packets.push(raw);
    },
  });

  return {
    expect({ id, presentation, independent }) {
      told = told === undefined ? presentation : unwrap(presentation, told);
      cuts.push({ id, time: told, independent });
    },
    push: reader.push,
    end() {
      if (open !== undefined) close(open);
      open = undefined;
    },
  };

  function begins({ presentation, randomAccess }: Beginning): void {
    const near = last ?? cuts[0]?.time;
    const time = near === undefined ? presentation : unwrap(presentation, near);
    last = time;
    for (let next = cuts[0]; next !== undefined && time >= next.time - slackSeconds; next = cuts[0]) {
      cuts.shift();
      if (open !== undefined) close(open);
      open = {
        id: next.id,
        packets: [...(reader.tables(count) ?? [])],
        whole: time <= next.time + slackSeconds && (randomAccess || !next.independent),
        lastKey: time,
        keyframeSeconds: 0,
      };
      count += 1;
    }
    if (open === undefined || !randomAccess) return;
    open.keyframeSeconds = Math.max(open.keyframeSeconds, time - open.lastKey);
    open.lastKey = time;
  }

  function close({ id, whole, packets, keyframeSeconds }: Open): void {
    onPiece(id, whole ? { data: concat(packets), keyframeSeconds } : undefined);
  }
}
