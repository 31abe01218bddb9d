/** An auction as server-sent events (WHATWG HTML, 9.2): its whole state at each change, so that any may be left out. */
import type { ServerResponse } from "node:http";
import { versionOf } from "../../auction/rules.ts";
import { faceOf, type StoredAuction } from "./rows.ts";

/** Proxies between close what is silent for longer; the edge waits 15 s. */
const beatMs = 5_000;
/** When a connection ends, the browser comes back this much later. */
const retryMs = 1_000;

export interface AuctionStream {
  send(stored: StoredAuction): void;
  end(): void;
}

/** The event of a state is written once, however many follow the auction. */
const texts = new WeakMap<StoredAuction, string>();
function eventOf(stored: StoredAuction): string {
  const known = texts.get(stored);
  if (known !== undefined) return known;
  const data = JSON.stringify(faceOf(stored));
  const text = `event: auction\nid: ${versionOf(stored.auction)}\ndata: ${data}\n\n`;
  texts.set(stored, text);
  return text;
}

/** Begins the answer. What a slow reader has not taken yet is replaced by what is newer. */
export function auctionStream(response: ServerResponse, onEnd: () => void): AuctionStream {
  let waiting: StoredAuction | undefined;
  let last = -1;
  const write = (stored: StoredAuction): void => {
    const version = versionOf(stored.auction);
    if (version <= last) return;
    if (response.writableNeedDrain) {
      waiting = stored;
      return;
    }
    last = version;
    response.write(eventOf(stored));
    // Nothing more comes.
    if (stored.auction.closed !== undefined) response.end();
  };
  response.write(`retry: ${retryMs}\n\n`);
  const beat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(": \n\n");
  }, beatMs);
  beat.unref();
  response.on("drain", () => {
    const next = waiting;
    waiting = undefined;
    if (next !== undefined) write(next);
  });
  response.on("close", () => {
    clearInterval(beat);
    onEnd();
  });
  return { send: write, end: () => response.end() };
}

export const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // nginx passes it on as it comes.
  "x-accel-buffering": "no",
} as const;
