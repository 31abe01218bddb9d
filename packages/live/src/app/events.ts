/**
 * What live streaming tells the world, and how: an event is written by the transaction that makes the change, so it is
 * there if and only if the change is, and relay.ts brings it to Kafka afterwards. The same forms stand as JSON Schema in
 * `packages/live/events/`, for consumers in other languages.
 *
 * Compatible changes add an optional field. Any other change is a new type beside the old one.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Session } from "./session.ts";

const broadcast = z.string().describe("The broadcast's id");
const auction = z.string().describe("The auction's id");
const amount = z.int().min(1);

const product = z.string().describe("As the shop knows it");
const sessions = z
  .array(z.string())
  .min(1)
  .describe("Each the viewer of a signature, or a hash of one and an address");
const viewers = z.int().min(0).describe("How many watch the room now");

/** What each type of event says, beside the envelope. */
export const forms = {
  "room.created": z
    .strictObject({ title: z.string(), merchant: z.string(), visibility: z.enum(["public", "members"]) })
    .describe("A room was made."),
  "room.scheduled": z
    .strictObject({ startsAt: z.iso.datetime().nullable().describe("null: it was taken back") })
    .describe("It was said when a room is to be live."),
  "room.deleted": z.strictObject({}).describe("A room was deleted, with its keys."),
  "live.started": z
    .strictObject({
      broadcast,
      resumed: z
        .boolean()
        .describe("It had been given up for lost (live.stopped with the reason lost), and goes on"),
    })
    .describe("A broadcast began, or lives again."),
  "live.stopped": z
    .strictObject({
      broadcast,
      reason: z
        .string()
        .describe(
          "kicked, lost (nothing was heard of it), replaced (by its own publisher), or the ingest's words",
        ),
    })
    .describe("A broadcast ended."),
  "viewer.joined": z
    .strictObject({ sessions, viewers })
    .describe(
      "Sessions that watch since a moment. One that has joined may be told again after an instance died.",
    ),
  "viewer.left": z
    .strictObject({ sessions, viewers })
    .describe("Sessions that have not asked for anything for 20 seconds."),
  "product.pinned": z
    .strictObject({
      ...{ pin: z.string(), broadcast, product },
      title: z.string(),
      offsetMs: z.int().describe("Since the broadcast began"),
    })
    .describe("A room shows a product, in place of what it showed."),
  "product.unpinned": z
    .strictObject({ pin: z.string(), broadcast, product })
    .describe("A room shows no product any more."),
  "replay.ready": z
    .strictObject({ broadcast, seconds: z.number().min(0) })
    .describe("A broadcast that has ended can be watched."),
  "replay.deleted": z
    .strictObject({
      broadcast,
      reason: z.enum(["deleted", "expired"]).describe("By somebody, or by its age"),
    })
    .describe("A replay can be watched no more. Those of a deleted room end with it."),
  "auction.opened": z
    .strictObject({
      auction,
      title: z.string(),
      currency: z.string().describe("ISO 4217; amounts are whole minor units of it"),
      openingPrice: amount,
      endsAt: z.iso.datetime().describe("Unless a late bid moves it"),
    })
    .describe("An auction takes bids from now on."),
  "auction.bid": z
    .strictObject({
      auction,
      bidder: z.string().describe("Subject of the bidder's token"),
      amount,
      sequence: z.int().min(1).describe("Counts the auction's accepted bids"),
      extendedTo: z.iso.datetime().optional().describe("Where this bid moved the auction's end to"),
    })
    .describe("A bid was accepted: it is the highest."),
  "auction.closed": z
    .strictObject({
      auction,
      outcome: z.enum(["sold", "reserve-not-met", "no-bids", "cancelled"]),
      winner: z.string().optional().describe("Who has bought: subject of the bidder's token"),
      amount: amount.optional().describe("For how much"),
      sequence: z.int().min(1).optional().describe("Of the bid that won"),
    })
    .describe("An auction takes no bids any more."),
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type EventType = keyof typeof forms;

/** An event without what the outbox gives it. */
export type Draft = {
  readonly [T in EventType]: {
    readonly type: T;
    readonly room: string;
    readonly data: z.output<(typeof forms)[T]>;
  };
}[EventType];

/**
 * Announces what this transaction does. Whoever announces something of the same room waits until this transaction is
 * over, so that the numbers of a room's events are the order in which the changes were made, without a gap.
 * A transaction that announces for several rooms does so in the order of their names.
 */
export const emit = (session: Session, draft: Draft): Promise<void> => emitAll(session, draft.room, [draft]);

/** The same for several of one room, in their order: two statements, which travel together, however many there are. */
export async function emitAll(session: Session, room: string, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return;
  const events = drafts.map(() => "ROW(?, ?, ?, ?)").join(", ");
  await Promise.all([
    session.run(
      "INSERT INTO room_sequences (room, last) VALUES (?, ?) ON DUPLICATE KEY UPDATE last = last + ?",
      [room, drafts.length, drafts.length],
    ),
    session.run(
      `INSERT INTO outbox (event_id, room, sequence, type, data, at)
       SELECT id, room, last - ? + place, type, data, NOW(3)
       FROM room_sequences JOIN (VALUES ${events}) AS event (id, place, type, data) WHERE room = ? ORDER BY place`,
      [
        drafts.length,
        ...drafts.flatMap(({ type, data }, i) => [randomUUID(), i + 1, type, JSON.stringify(data)]),
        room,
      ],
    ),
  ]);
}

const envelopeOf = (type: EventType) =>
  z
    .strictObject({
      id: z.uuid().describe("Of the event: one that is delivered again has the same"),
      type: z.literal(type),
      room: z.string().describe("The room's name; also the record's key"),
      sequence: z
        .int()
        .min(1)
        .describe("Counts the room's events. One that is not above the last that was seen has been seen"),
      at: z.iso.datetime(),
      data: forms[type],
    })
    .describe(forms[type].description ?? "");

/** The events as JSON Schema, by type. */
export const jsonSchemas = (): Readonly<Record<string, object>> =>
  Object.fromEntries(
    (Object.keys(forms) as EventType[]).map((type) => [type, z.toJSONSchema(envelopeOf(type))]),
  );

const typed = z.object({ type: z.enum(Object.keys(forms) as [EventType, ...EventType[]]) });

/** What a record holds, as a consumer reads it. @throws for what has not the form of its type */
export function readEvent(text: string): z.output<ReturnType<typeof envelopeOf>> {
  const said: unknown = JSON.parse(text);
  return envelopeOf(typed.parse(said).type).parse(said);
}

/** The event as JSON, as consumers get it. */
export function eventText(row: {
  readonly eventId: string;
  readonly type: string;
  readonly room: string;
  readonly sequence: number;
  readonly at: Date;
  readonly data: unknown;
}): string {
  const { eventId: id, type, room, sequence, at, data } = row;
  return JSON.stringify({ id, type, room, sequence, at: at.toISOString(), data });
}
