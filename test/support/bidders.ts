/** Bidders who keep asking until each bid has its answer, whatever dies on the way, and remember all of it. */
import { randomUUID } from "node:crypto";
import { Agent, request } from "undici";
import type { AuctionInfo, BidAnswer } from "../../packages/live/src/app/api.ts";
import { issueToken } from "../../packages/live/src/app/tokens.ts";
import { secrets } from "./live-app.ts";

/** Address of one instance, asked again for each attempt: it changes with each start. */
export interface Instance {
  readonly name: string;
  readonly ca: string;
  url: string;
}

/** An answer that a bidder has seen. */
export interface Ledger {
  readonly bidder: string;
  readonly id: string;
  readonly amount: number;
  readonly status: number;
  readonly answer: BidAnswer | undefined;
  /** How often it had to be asked. */
  readonly asked: number;
  /** When the answer came, ms. */
  readonly at: number;
}

export const tokenOf = (subject: string): string =>
  issueToken(
    { subject, role: "viewer" },
    Date.now() + 3_600_000,
    { issuer: "mall", audience: "live" },
    secrets["jwt.key"],
  );

/** One for each instance: connections of their own for so many at once. */
export const agentFor = ({ ca, name }: Instance, connections: number): Agent =>
  new Agent({
    connections,
    connect: { ca, servername: name, timeout: 5_000 },
    headersTimeout: 8_000,
    bodyTimeout: 0,
  });

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Bids again and again until `isOver`. @returns its ledger */
export async function bidder(options: {
  readonly name: string;
  readonly auction: string;
  readonly instances: readonly { readonly instance: Instance; readonly agent: Agent }[];
  readonly first: number;
  readonly amount: () => number;
  readonly learn: (auction: AuctionInfo) => void;
  readonly isOver: () => boolean;
}): Promise<readonly Ledger[]> {
  const { name, auction, instances, amount: next, learn, isOver } = options;
  const token = tokenOf(name);
  const ledger: Ledger[] = [];
  for (let turn = options.first; !isOver(); ) {
    const id = randomUUID();
    const amount = next();
    for (let asked = 1; ; asked++) {
      const at = instances[turn++ % instances.length];
      if (at === undefined) throw new Error("no instance");
      try {
        const { statusCode: status, body } = await request(`${at.instance.url}/v1/auctions/${auction}/bids`, {
          dispatcher: at.agent,
          method: "POST",
          headers: {
            authorization: `Bearer ${token}`,
            "content-type": "application/json",
            "idempotency-key": id,
          },
          body: JSON.stringify({ amount }),
        });
        const json = await body.json();
        if (status === 503) {
          await sleep(50);
          continue;
        }
        const answer = status < 300 ? (json as BidAnswer) : undefined;
        ledger.push({ bidder: name, id, amount, status, answer, asked, at: Date.now() });
        if (answer !== undefined) learn(answer.auction);
        break;
      } catch {
        // The instance is not there: ask the other, with the same id.
        await sleep(50);
      }
    }
    await sleep(Math.random() * 1_000);
  }
  return ledger;
}

/** What a follower was sent, and when. */
export interface Seen {
  readonly auction: AuctionInfo;
  readonly at: number;
}

/** Follows the auction to its end as a browser does: it comes back when the stream breaks off. */
export async function follower(
  auction: string,
  instance: Instance,
  agent: Agent,
  see: (seen: Seen) => void,
): Promise<void> {
  for (let last = ""; ; await sleep(300)) {
    try {
      const { statusCode, body } = await request(`${instance.url}/v1/auctions/${auction}/stream`, {
        dispatcher: agent,
        headers: last === "" ? {} : { "last-event-id": last },
      });
      if (statusCode === 204) return;
      let text = "";
      for await (const chunk of body) {
        text += String(chunk);
        const events = text.split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1];
          if (data === undefined) continue;
          last = /^id: (.*)$/m.exec(event)?.[1] ?? last;
          see({ auction: JSON.parse(data) as AuctionInfo, at: Date.now() });
        }
      }
    } catch {
      // Broken off.
    }
  }
}
