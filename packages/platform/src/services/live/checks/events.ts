/** LV-16: what happens in a room is told in Kafka, in order and each once; the account that tells it may nothing else. */
import { randomBytes } from "node:crypto";
import type { PinInfo } from "../../../../../live/src/app/api.ts";
import { readEvent } from "../../../../../live/src/app/events.ts";
import { checkRoomPrefix } from "../../../../../live/src/check-rooms.ts";
import { messageOf } from "../../../errors.ts";
import { text } from "../../../text.ts";
import type { EventLog, LoggedEvent } from "../../event-log.ts";
import { namesOf, ports, stores } from "../names.ts";
import { operate } from "../operator.ts";
import {
  deviates,
  failed,
  hasStore,
  type LiveCheck,
  type LiveCtx,
  passed,
  steps,
  until,
} from "./evidence.ts";
import { onAir, type Room, withRoom } from "./room.ts";
import { playable } from "./stream.ts";

const { topic, user } = stores.kafka;

/** The outbox is looked at ten times a second; a replay is made within seconds of the end. */
const toldMs = 10_000;
const refusal = "TOPIC_AUTHORIZATION_FAILED";

export interface Told {
  /** Types in the order of their numbers, each once. */
  readonly types: readonly string[];
  /** Delivered again, which a consumer drops. */
  readonly again: number;
  readonly partitions: number;
  readonly faults: readonly string[];
}

/**
 * Pure. A room's records as docs/live-application.md has consumers take them: what is not above the highest number seen
 * is dropped. Faults: a wrong form or key, a gap, one number or one id of two events, a second partition.
 */
export function toldOf(room: string, records: readonly LoggedEvent[]): Told {
  const faults: string[] = [];
  const types: string[] = [];
  const ids: string[] = [];
  let again = 0;
  for (const record of records) {
    try {
      const { id, type, sequence, ...event } = readEvent(record.text);
      if (event.room !== room || record.key !== room)
        faults.push(`${type} of ${event.room} by key ${record.key}`);
      if (sequence <= ids.length) {
        again += 1;
        if (ids[sequence - 1] !== id)
          faults.push(`number ${sequence} twice: ${types[sequence - 1]} and ${type}`);
        continue;
      }
      if (sequence !== ids.length + 1) faults.push(`number ${sequence} after ${ids.length}`);
      if (ids.includes(id)) faults.push(`${type} has the id of an earlier event`);
      ids.push(id);
      types.push(type);
    } catch (error) {
      faults.push(`no event: ${messageOf(error)}`);
    }
  }
  const partitions = new Set(records.map(({ partition }) => partition)).size;
  if (partitions > 1) faults.push(`in ${partitions} partitions`);
  return { types, again, partitions, faults };
}

/** Whom it watches, and how soon that is counted, is no part of what happens to the room. */
const isOfRoom = (type: string): boolean => !type.startsWith("viewer.");

/** Everything that a room can go through within seconds. @returns the types that tell of it, in order */
async function happening(ctx: LiveCtx, room: Room): Promise<readonly string[]> {
  const [ingest = ""] = namesOf("ingest");
  const [edge = ""] = namesOf("edge");
  const path = `/v1/rooms/${room.name}/pins`;
  await onAir(ctx.net.address(ingest, ports.rtmp.name), `${room.name}?key=${room.key}`, async () => {
    await playable(ctx, edge, room);
    const { id } = await operate<PinInfo>(ctx, "POST", path, { product: "check", title: "mall verify" });
    await operate(ctx, "DELETE", `${path}/${id}`);
  });
  const told = ["room.created", "live.started", "product.pinned", "product.unpinned", "live.stopped"];
  return hasStore(ctx, "minio") ? [...told, "replay.ready"] : told;
}

export const events = (log: EventLog): LiveCheck => ({
  id: "live.events",
  requirements: ["LV-16"],
  title: text(
    "A room's events are in Kafka in order, each once and of its form; their account reads nothing and writes no other topic",
    "直播间的事件按顺序写入 Kafka，各一次且格式正确；写入账号不能读取，也不能写其他主题",
  ),
  kind: "scratch",
  needs: ["net"],
  waitsMs: 5_000,
  async run(ctx) {
    if (!hasStore(ctx, "kafka"))
      return deviates(text("nothing is told: Kafka is left out", "未包含 Kafka，不发送事件"), []);
    let count = 0;
    const { right, evidence } = await steps(async (step) => {
      const ends = await log.ends(ctx, topic);
      let name = "";
      const recordsOf = async () =>
        (await log.since(ctx, topic, ends)).filter(
          ({ key, text: said }) => key === name || said.includes(name),
        );
      const seen = async (wanted: readonly string[]) =>
        until(ctx, wanted.at(-1) ?? "", toldMs, async () => {
          const told = toldOf(name, await recordsOf());
          return told.faults.length > 0 || told.types.includes(wanted.at(-1) ?? "") ? told : undefined;
        });
      const wanted = await withRoom(ctx, async (room) => {
        name = room.name;
        const types = await happening(ctx, room);
        await seen(types);
        return types;
      });
      const all = [...wanted, "room.deleted"];
      const { types, again, faults } = await seen(all);
      count = types.length;
      step(topic, types.join(", "), types.filter(isOfRoom).join() === all.join());
      step(
        topic,
        `numbers 1 to ${count}; ${faults.join("; ") || "no gap, one partition"}`,
        faults.length === 0,
      );
      step(topic, `delivered again: ${again}`, true);
      const other = `${checkRoomPrefix}${randomBytes(4).toString("hex")}`;
      for (const [what, of] of [
        ["write", other],
        ["read", other],
        ["read", topic],
      ] as const) {
        const said = await log.attempt(ctx, user, what, of);
        step(
          `account ${user}`,
          `to ${what} ${of === other ? "another topic" : of}: ${said}`,
          said === refusal,
        );
      }
    });
    return right
      ? passed(text(`${count} events in order`, `${count} 个事件，顺序正确`), evidence)
      : failed(text("not as told in the documents", "与文档所述不符"), evidence);
  },
});
