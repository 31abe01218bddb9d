/** What a token lets its holder do, and which results are told. */
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { StoredAuction } from "../auctions/rows.ts";
import { resultsTo } from "./results.ts";
import { callToken, joinToken, type Participant } from "./token.ts";

const key = "LiveKitKey0LiveKitKey0LiveKitKey0";
const now = Date.parse("2026-11-30T12:00:00Z");

function claimsOf(token: string) {
  const [head = "", body = "", signature] = token.split(".");
  expect(createHmac("sha256", key).update(`${head}.${body}`).digest("base64url")).toBe(signature);
  return JSON.parse(Buffer.from(body, "base64url").toString());
}
const join = (as: Participant) => claimsOf(joinToken("tea", as, "somebody", key, now));

test("a viewer sees and hears one room, unseen, and sends nothing into it", () => {
  expect(join("viewer")).toEqual({
    iss: "mall",
    sub: "somebody",
    nbf: now / 1_000 - 5,
    exp: now / 1_000 + 60,
    video: {
      roomJoin: true,
      room: "tea",
      canSubscribe: true,
      canPublish: false,
      canPublishData: false,
      canUpdateOwnMetadata: false,
      hidden: true,
    },
  });
});

test("who publishes sends sound and picture, and neither messages nor anything of a manager's", () => {
  const publishes = {
    roomJoin: true,
    room: "tea",
    canSubscribe: false,
    canPublish: true,
    canPublishData: false,
    canUpdateOwnMetadata: false,
  };
  expect(join("broadcast").video).toEqual(publishes);
  expect(join("host").video).toEqual({ ...publishes, canPublishSources: ["camera", "microphone"] });
});

test("the application's own calls have what the call needs", () => {
  expect(claimsOf(callToken({ roomCreate: true }, key, now))).toMatchObject({
    exp: now / 1_000 + 30,
    video: { roomCreate: true },
  });
});

const at = (bids: number, over: Partial<StoredAuction> = {}): StoredAuction => ({
  ...{ id: "a12345", room: "tea", title: "Tea", currency: "CNY", openedAt: now, readAt: now },
  auction: {
    terms: { openingPrice: 1, reserve: undefined, increments: [{ from: 0, step: 1 }], extensionMs: 0 },
    ...{ endsAt: now + 1_000, closed: undefined, leading: undefined, bids, bidders: 1 },
  },
  ...over,
});

test("one message at a time for a room, the newest of what waits, and rooms do not wait for each other", async () => {
  const sent: string[] = [];
  let open = () => {};
  const results = resultsTo(
    {
      send: async (room, topic, message) => {
        sent.push(`${room} ${topic} ${(message as { readonly bids: number }).bids}`);
        if (room === "tea" && sent.length === 1) await new Promise<void>((resolve) => (open = resolve));
      },
    },
    () => {},
  );
  for (const bids of [1, 2, 4, 3]) results.tell(at(bids));
  results.tell(at(9, { id: "a54321", room: "silk" }));
  expect(sent).toEqual(["tea auction 1", "silk auction 9"]);
  open();
  await expect.poll(() => sent).toEqual(["tea auction 1", "silk auction 9", "tea auction 4"]);
});

test("a message that is not taken holds up none of the next, and is said once", async () => {
  const said: unknown[] = [];
  let count = 0;
  const results = resultsTo(
    {
      send: async () => {
        count += 1;
        throw new Error("away");
      },
    },
    (event) => said.push(event),
  );
  results.tell(at(1));
  await expect.poll(() => count).toBe(1);
  results.tell(at(2));
  await expect.poll(() => count).toBe(2);
  expect(said).toEqual(["results are not told in rooms for now"]);
});
