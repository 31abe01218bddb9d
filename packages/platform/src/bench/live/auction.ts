/** How soon all bidders of an auction see a bid that was accepted. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { BidAnswer } from "../../../../live/src/app/api.ts";
import { text } from "../../text.ts";
import { type Figure, percentile } from "../figure.ts";
import { type RoomedMall, routeOf } from "./mall.ts";
import { type Accepted, seenAfter, type Told } from "./seen-after.ts";

const bidders = 200;
const seconds = 20;
/** Of each bidder, between two bids: some forty bids a second together. */
const longestPauseMs = 10_000;
const step = 10;

export async function auctionFigure(mall: RoomedMall): Promise<Figure> {
  const body = { title: "mall bench", openingPrice: 1_000, increments: step, durationSeconds: 3_600 };
  const { id } = await mall.said(
    mall.api.POST("/v1/rooms/{name}/auctions", { params: { path: { name: mall.room } }, body }),
  );
  const { host, port, serverName } = mall.net.route(routeOf(mall, "live-app"));
  const { ca } = await mall.secretsOf("operator").identity();
  // Each bidder has two connections, as a browser has: one stream, and one for its bids.
  const agents = Array.from(
    { length: bidders },
    () => new Agent({ connections: 2, bodyTimeout: 0, connect: { ca, servername: serverName } }),
  );
  const at = `https://${host}:${port}/v1/auctions/${id}`;
  let isOver = false;
  const streams: Told[][] = agents.map(() => []);
  const accepted: Accepted[] = [];
  let highest = 1_000 - step;
  let asked = 0;
  try {
    const tokens: string[] = [];
    for (let i = 0; i < bidders; i += 1) {
      const who = { subject: `bench-${i}`, role: "viewer", ttlSeconds: 600 } as const;
      tokens.push((await mall.said(mall.api.POST("/v1/tokens", { body: who }))).token);
    }
    const following = agents.map((agent, i) => follow(`${at}/stream`, agent, streams[i] ?? [], () => isOver));
    await untilAll(streams, mall.signal);
    const end = Date.now() + seconds * 1_000;
    const bidding = agents.map(async (dispatcher, i) => {
      for (await sleep(Math.random() * longestPauseMs); Date.now() < end; ) {
        highest += step;
        asked += 1;
        const answer = await request(`${at}/bids`, {
          ...{ dispatcher, method: "POST", body: JSON.stringify({ amount: highest }) },
          headers: {
            ...{ authorization: `Bearer ${tokens[i]}`, "idempotency-key": randomUUID() },
            "content-type": "application/json",
          },
        });
        const said = await answer.body.text();
        if (answer.statusCode === 201)
          accepted.push({ sequence: (JSON.parse(said) as BidAnswer).bid.sequence, at: performance.now() });
        else if (answer.statusCode !== 409) throw new Error(`a bid: ${answer.statusCode} ${said}`);
        await sleep(Math.random() * longestPauseMs);
        mall.signal.throwIfAborted();
      }
    });
    await Promise.all(bidding);
    await sleep(2_000);
    isOver = true;
    await Promise.all(agents.map((agent) => agent.destroy()));
    await Promise.all(following);
    const ms = seenAfter(accepted, streams);
    const middle = Math.round(percentile(ms, 0.5));
    return {
      id: "auction-seen",
      title: text(
        `a bid is accepted until all ${bidders} bidders see it, p99`,
        `出价被接受到全部 ${bidders} 名竞买人可见，p99`,
      ),
      ...{ value: percentile(ms, 0.99), bound: 150, unit: "ms" },
      note: text(
        `${accepted.length} of ${asked} bids accepted in ${seconds} s; the middle ${middle}`,
        `${seconds} 秒内 ${asked} 次出价，接受 ${accepted.length} 次；中位数 ${middle}`,
      ),
    };
  } finally {
    isOver = true;
    await mall.api.POST("/v1/auctions/{id}/cancel", { params: { path: { id } } }).catch(() => undefined);
    await Promise.all(agents.map((agent) => agent.destroy()));
  }
}

/** Notes each state that is told, until its connection is ended. @throws when that was not meant */
async function follow(url: string, dispatcher: Agent, told: Told[], isOver: () => boolean): Promise<void> {
  try {
    const { body } = await request(url, { dispatcher });
    for await (const chunk of body) {
      const at = performance.now();
      for (const [, id] of String(chunk).matchAll(/^id: (\d+)$/gm)) told.push({ version: Number(id), at });
    }
  } catch (error) {
    if (!isOver()) throw error;
  }
}

async function untilAll(streams: readonly (readonly Told[])[], signal: AbortSignal): Promise<void> {
  for (let left = 300; streams.some((told) => told.length === 0); left -= 1) {
    if (left === 0) throw new Error("not every bidder could follow the auction");
    await sleep(100, undefined, { signal });
  }
}
