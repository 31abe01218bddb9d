/** Auctions: opened and cancelled by who manages the room, followed by everyone, bid in by users who are signed in. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { mayNot } from "../access.ts";
import type { BidAnswer } from "../api.ts";
import type { Context } from "../context.ts";
import { LiveError } from "../errors.ts";
import { nothing, parse } from "../input.ts";
import { described } from "../openapi.ts";
import { roomOfIn } from "../room-of.ts";
import { auctionDetail, auctionInfo, auctionList, bidAnswer, bidList, paddleAnswer } from "./answers.ts";
import { auctionBody, auctionParams, bidBody, bidHeaders, bidsQuery } from "./input.ts";
import { bidQueue } from "./queue.ts";
import { bidInfoOf, detailOf, faceOf, type StoredAuction } from "./rows.ts";
import { isAuctionId } from "./store.ts";
import { type AuctionStream, auctionStream, streamHeaders } from "./stream.ts";

const open = described({
  summary: "Open an auction in a room",
  who: "streamer",
  body: auctionBody,
  answer: auctionDetail,
  status: 201,
});
const list = described({ summary: "The latest auctions of a room", answer: auctionList });
const look = described({
  summary: "An auction; managers see the reserve as well",
  answer: z.union([auctionDetail, auctionInfo]),
});
const bids = described({ summary: "Accepted bids in their order", query: bidsQuery, answer: bidList });
const paddle = described({ summary: "The bidder's own number", who: "viewer", answer: paddleAnswer });
const bid = described({
  summary: "Bid; the header Idempotency-Key names the bid, and a repeated one changes nothing",
  who: "viewer",
  headers: bidHeaders,
  body: bidBody,
  answer: bidAnswer,
  status: [200, 201],
});
const cancel = described({ summary: "Cancel an open auction", who: "streamer", answer: auctionDetail });

const follow = {
  schema: { summary: "Server-sent events `auction`, each with the whole auction, until its end" },
};

/** Of one instance: each costs two buffers of TLS. */
const mostStreams = 2_000;

export function auctionRoutes(app: FastifyInstance, context: Context): void {
  const { auctions, demand, feed, log, metrics, readiness, rooms, who } = context;
  const place = bidQueue(auctions.take);
  const streams = new Set<AuctionStream>();
  const { managed, roomOf } = roomOfIn(context);

  app.addHook("onRequest", async (request) => {
    who(request);
    readiness.demandSchema();
  });
  // Streams never end by themselves, and a server that closes waits for what is under way.
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.end();
  });

  /** @throws NO_SUCH_AUCTION */
  const idOf = (request: FastifyRequest): string => {
    const { id } = parse(auctionParams, request.params);
    if (!isAuctionId(id)) throw new LiveError("NO_SUCH_AUCTION");
    return id;
  };
  /** As who asks may see it. */
  const shown = async (request: FastifyRequest, stored: StoredAuction) => {
    const asking = who(request);
    if (asking.kind !== "operator" && asking.kind !== "streamer") return faceOf(stored);
    const mayManage = mayNot(asking, "manage", await rooms.get(stored.room)) === undefined;
    return mayManage ? detailOf(stored) : faceOf(stored);
  };

  app.post("/rooms/:name/auctions", open, async (request, reply) => {
    const room = await managed(request);
    const stored = await auctions.open(room.name, parse(auctionBody, request.body));
    feed.tell(stored);
    log("auction opened", { room: room.name, auction: stored.id });
    return reply.code(201).send(detailOf(stored));
  });

  app.get("/rooms/:name/auctions", list, async (request) => {
    const { name } = await roomOf(request);
    return { auctions: (await auctions.ofRoom(name)).map(faceOf) };
  });

  app.get("/auctions/:id", look, async (request) => shown(request, await auctions.get(idOf(request))));

  app.get("/auctions/:id/bids", bids, async (request) => {
    const { after } = parse(bidsQuery, request.query);
    return { bids: (await auctions.bids(idOf(request), after)).map(bidInfoOf) };
  });

  /** The number of who asks in this auction; null: no bid of theirs was accepted. */
  app.get("/auctions/:id/paddle", paddle, async (request) => {
    demand(request, "bid");
    const asking = who(request);
    if (asking.kind !== "viewer") throw new LiveError("FORBIDDEN");
    return { paddle: (await auctions.paddle(idOf(request), asking.subject)) ?? null };
  });

  app.post("/auctions/:id/bids", bid, async (request, reply) => {
    demand(request, "bid");
    const asking = who(request);
    if (asking.kind !== "viewer") throw new LiveError("FORBIDDEN");
    const id = idOf(request);
    const { amount } = parse(bidBody, request.body);
    const { "idempotency-key": bidId } = parse(bidHeaders, request.headers);
    const started = performance.now();
    const { answer, stored } = await place(id, { id: bidId, bidder: asking.subject, amount });
    metrics.bid(answer.kind === "refused" ? answer.code : answer.kind, (performance.now() - started) / 1_000);
    if (answer.kind === "refused")
      throw new LiveError(
        answer.code,
        answer.code === "BID_TOO_LOW" ? `minimum: ${answer.minimum}` : undefined,
      );
    if (answer.kind === "accepted") feed.tell(stored);
    const body: BidAnswer = { bid: bidInfoOf(answer.bid), auction: faceOf(stored) };
    return reply.code(answer.kind === "accepted" ? 201 : 200).send(body);
  });

  app.post("/auctions/:id/cancel", cancel, async (request) => {
    // Refused before anything is looked for, as a stranger is not told what there is.
    if (who(request).kind !== "streamer") demand(request, "manage");
    const id = idOf(request);
    const { room } = await auctions.get(id);
    demand(request, "manage", await rooms.get(room));
    parse(nothing, request.body ?? {});
    const stored = await auctions.cancel(id);
    feed.tell(stored);
    log("auction cancelled", { room, auction: id });
    return detailOf(stored);
  });

  app.get("/auctions/:id/stream", follow, async (request, reply) => {
    const id = idOf(request);
    if (streams.size >= mostStreams) throw new LiveError("BUSY");
    const stored = await auctions.get(id);
    // A browser that has seen the end comes back for more, unless it is told that there is none.
    if (
      stored.auction.closed !== undefined &&
      request.headers["last-event-id"] === `${stored.auction.bids + 1}`
    )
      return reply.code(204).send();
    reply.hijack();
    reply.raw.writeHead(200, { ...reply.getHeaders(), ...streamHeaders } as Record<string, string>);
    const stream = auctionStream(reply.raw, () => {
      unfollow();
      streams.delete(stream);
    });
    streams.add(stream);
    const unfollow = feed.follow(id, stream.send);
    stream.send(stored);
  });
}
