/** LV-18: bids are taken in one order and by the auction's rules, and nobody is seen or heard who may not be. */
import type { AuctionInfo, BidAnswer, StagePass, TokenAnswer } from "../../../../../live/src/app/api.ts";
import { text } from "../../../text.ts";
import { type Answer, askAt } from "../../https-client.ts";
import { tcpOpen } from "../../plaintext-probe.ts";
import { mediaPorts, namesOf, ports } from "../names.ts";
import { askApplication, codeOf, operate, whileAway } from "../operator.ts";
import { deviates, failed, type LiveCheck, type LiveCtx, passed, steps, until, view } from "./evidence.ts";
import { checkMerchant, type Room, withRoom } from "./room.ts";

const ttlSeconds = 120;
/**
 * Long enough for all that is bid on a busy machine: what comes late moves the end, and the last bid is sent as long
 * before it as half an extension.
 */
const terms = {
  openingPrice: 1_000,
  increments: 100,
  reserve: 1_050,
  durationSeconds: 11,
  extensionSeconds: 5,
};
/** An auction that is over is closed within a quarter of a second; each extension may have taken five more. */
const closedMs = 10_000;

async function tokenOf(ctx: LiveCtx, role: "viewer" | "streamer", subject: string): Promise<string> {
  const merchant = role === "streamer" ? { merchant: checkMerchant } : {};
  const { token } = await operate<TokenAnswer>(ctx, "POST", "/v1/tokens", {
    ...{ subject, role, ttlSeconds },
    ...merchant,
  });
  return token;
}

/** As a user, by an edge. */
function asUser(
  ctx: LiveCtx,
  token: string | undefined,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const edge = namesOf("edge")[0] ?? "";
  return whileAway(ctx, () =>
    askAt(ctx, edge, ctx.net.address(edge, ports.https.name), {
      ...{ method: "POST", path, body, anonymous: true },
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    }),
  );
}

const said = (answer: Answer): string => `${answer.status} ${codeOf(answer)}`.trim();

/** While an auction is open, which is over for sure afterwards: a room with an open one cannot be deleted. */
async function withAuction<T>(
  ctx: LiveCtx,
  room: Room,
  work: (auction: AuctionInfo) => Promise<T>,
): Promise<T> {
  const auction = await operate<AuctionInfo>(ctx, "POST", `/v1/rooms/${room.name}/auctions`, {
    title: "mall verify",
    ...terms,
  });
  try {
    return await work(auction);
  } finally {
    const calm = { ...ctx, signal: new AbortController().signal };
    await askApplication(calm, "POST", `/v1/auctions/${auction.id}/cancel`, {}).catch(() => undefined);
  }
}

export const bids: LiveCheck = {
  id: "live.auction-bids",
  requirements: ["LV-18"],
  title: text(
    "Bids of an auction have one order and rise by its step, a late one moves the end, and the highest has bought",
    "竞拍出价顺序唯一、按加价幅度递增，临近结束的出价会顺延，最高者成交",
  ),
  kind: "scratch",
  needs: ["net"],
  waitsMs: (terms.durationSeconds + terms.extensionSeconds) * 1_000,
  async run(ctx) {
    const { right, evidence } = await steps((step) =>
      withRoom(ctx, async (room) => {
        const [ann, ben] = await Promise.all(["ann", "ben"].map((name) => tokenOf(ctx, "viewer", name)));
        await withAuction(ctx, room, async ({ id, endsAt }) => {
          const bid = (token: string | undefined, amount: number, key: string) =>
            asUser(ctx, token, `/v1/auctions/${id}/bids`, { amount }, { "idempotency-key": key });
          const refused = async (who: string, token: string | undefined, amount: number, wanted: string) => {
            const answer = await bid(token, amount, `refused-${amount}`);
            step(who, `bids ${amount}: ${said(answer)}`, said(answer) === wanted);
          };
          await Promise.all([
            refused("stranger", undefined, 1_000, "401 LOGIN_REQUIRED"),
            refused("ann", ann, 999, "409 BID_TOO_LOW"),
          ]);
          // Two at once: whichever comes first is the first, and the other has to rise above it.
          const both = await Promise.all([bid(ann, 1_000, "ann-first-1"), bid(ben, 1_100, "ben-first-1")]);
          const taken = both.flatMap((answer) =>
            answer.status === 201 ? (JSON.parse(answer.text) as BidAnswer).bid.sequence : [],
          );
          step("two bids at once", both.map(said).join(", "), new Set(taken).size === taken.length);
          const [repeated] = await Promise.all([
            bid(ben, 1_100, "ben-first-1"),
            refused("ben", ben, 1_150, "409 BID_TOO_LOW"),
          ]);
          step("ben", `the same bid again: ${said(repeated)}`, repeated.status === 200);
          const late = await lateBid(ctx, endsAt, () => bid(ann, 1_300, "ann-last-01"));
          const moved = late.status === 201 ? (JSON.parse(late.text) as BidAnswer).bid.extendedTo : null;
          step(
            "ann",
            `bids in the last ${terms.extensionSeconds} s: ${said(late)}, the end moves to ${moved}`,
            moved !== null && moved > endsAt,
          );
          const over = await until(ctx, "the auction's end", closedMs, async () => {
            const now = await operate<AuctionInfo>(ctx, "GET", `/v1/auctions/${id}`);
            return now.state === "closed" ? now : undefined;
          });
          step(
            "live-app",
            `${over.outcome} for ${over.price} after ${over.bids} bids`,
            over.outcome === "sold" && over.price === 1_300 && over.bids === taken.length + 1,
          );
          await refused("ben", ben, 9_000, "409 AUCTION_OVER");
          const edge = namesOf("edge")[1] ?? "";
          const listed = JSON.parse((await view(ctx, edge, `/v1/auctions/${id}/bids`)).text) as {
            readonly bids: readonly { readonly sequence: number; readonly amount: number }[];
          };
          const order = listed.bids.map(({ sequence, amount }) => `${sequence}: ${amount}`);
          const isRising = listed.bids.every(
            ({ sequence, amount }, i, all) =>
              sequence === i + 1 && amount >= (all[i - 1]?.amount ?? 900) + terms.increments,
          );
          step(edge, order.join(", "), isRising && listed.bids.length === over.bids);
        });
      }),
    );
    return right
      ? passed(text("by its rules, and sold to the highest", "符合规则，最高者成交"), evidence)
      : failed(text("not by its rules", "不符合规则"), evidence);
  },
};

/** In the last seconds, which are when a bid moves the end. */
async function lateBid(ctx: LiveCtx, endsAt: string, bid: () => Promise<Answer>): Promise<Answer> {
  const waitMs = Date.parse(endsAt) - ctx.now() - (terms.extensionSeconds * 1_000) / 2;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
  return bid();
}

export const stage: LiveCheck = {
  id: "live.auction-stage",
  requirements: ["LV-18"],
  title: text(
    "A room's sound and picture by WebRTC: edges lead there who has the application's token, and nobody else anywhere",
    "直播间的 WebRTC 音视频：持有应用令牌者可经边缘节点加入，其他人一律不可",
  ),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    if (!ctx.spec.auctions.enabled)
      return deviates(
        text(
          "services.live.auctions is off: auctions go on beside the stream",
          "services.live.auctions 已关闭",
        ),
        [],
      );
    const { right, evidence } = await steps((step) =>
      withRoom(ctx, async (room) => {
        const path = `/v1/rooms/${room.name}/stage`;
        const [viewer, streamer] = [
          await tokenOf(ctx, "viewer", "mall verify"),
          await tokenOf(ctx, "streamer", "mall verify"),
        ];
        const refused = async (who: string, token: string | undefined, role: string, wanted: string) => {
          const answer = await asUser(ctx, token, path, { role });
          step(who, `asks to be ${role}: ${said(answer)}`, said(answer) === wanted);
        };
        await refused("stranger", undefined, "viewer", "401 LOGIN_REQUIRED");
        await refused("stranger", undefined, "host", "403 FORBIDDEN");
        await refused("viewer", viewer, "host", "403 FORBIDDEN");
        const passOf = async (token: string, role: string): Promise<string> =>
          (JSON.parse((await asUser(ctx, token, path, { role })).text) as StagePass).token;
        const host = await passOf(streamer, "host");
        const watching = await passOf(viewer, "viewer");
        for (const edge of namesOf("edge")) {
          const joins = async (who: string, token: string | undefined, wanted: number) => {
            const query = token === undefined ? "" : `?access_token=${token}`;
            const { status } = await view(ctx, edge, `/rtc/validate${query}`);
            step(edge, `joined by ${who}: ${status}`, status === wanted);
          };
          await joins("a host", host, 200);
          await joins("a viewer", watching, 200);
          await joins("nobody's token", undefined, 401);
          await joins("an altered token", `${host.slice(0, -6)}AAAAAA`, 401);
          await joins("a log-in's token", streamer, 401);
          const { status } = await view(ctx, edge, "/twirp/livekit.RoomService/ListRooms");
          step(edge, `LiveKit's interface for programs: ${status}`, status === 404);
        }
        for (const livekit of namesOf("livekit")) {
          await tcpOpen(ctx, ctx.net.address(livekit, mediaPorts.tcp));
          step(livekit, "its port for media takes connections", true);
        }
      }),
    );
    return right
      ? passed(text("let in by token alone", "仅凭令牌加入"), evidence)
      : failed(text("not as it should be", "不符合规定"), evidence);
  },
};
