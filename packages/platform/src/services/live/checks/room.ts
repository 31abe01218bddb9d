/** A room of a check's own, and a short stream in it. */
import { randomBytes } from "node:crypto";
import type { NewKey, RoomList } from "../../../../../live/src/app/api.ts";
import { checkRoomMadeAt, checkRoomName, checkRoomPrefix } from "../../../../../live/src/check-rooms.ts";
import { messageTypes } from "../../../../../live/src/rtmp/chunks.ts";
import { type RtmpClient, rtmpClient } from "../../../../../live/src/rtmp/client.ts";
import {
  type PictureSize,
  pictureConfiguration,
  pictureMessage,
  smallest,
} from "../../../../../live/src/rtmp/picture.ts";
import type { Address } from "../../service.ts";
import { askApplication, codeOf, operate } from "../operator.ts";
import { type LiveCtx, until } from "./evidence.ts";

/** Merchant of the checks' rooms; no shop has it, as the log-in gives none with this name. */
export const checkMerchant = "mall-check";

/** What an agent that was killed has left behind is older than any check that runs. */
const forgottenMs = 10 * 60_000;

export interface Room {
  readonly name: string;
  /** Of the key that it was made with. */
  readonly keyId: string;
  readonly key: string;
}

export const newKey = (ctx: LiveCtx, room: string): Promise<NewKey> =>
  operate<NewKey>(ctx, "POST", `/v1/rooms/${room}/keys`, {});

/** With a members' room, which is removed whatever happens to the work. */
export async function withRoom<T>(
  ctx: LiveCtx,
  work: (room: Room) => Promise<T>,
  merchant = checkMerchant,
): Promise<T> {
  await removeForgotten(ctx);
  const name = checkRoomName(ctx.now(), randomBytes(4).toString("hex"));
  const body = { name, title: "mall verify", merchant, visibility: "members" };
  await operate(ctx, "POST", "/v1/rooms", body);
  try {
    const { id, key } = await newKey(ctx, name);
    return await work({ name, keyId: id, key });
  } finally {
    await remove(ctx, name);
  }
}

/** A room that is live cannot be deleted: its publisher's end is heard of within seconds. */
async function remove(ctx: LiveCtx, name: string): Promise<void> {
  // Also when the check itself was cut short.
  const calm = { ...ctx, signal: new AbortController().signal };
  await until(calm, `${name} removed`, 5_000, async () => {
    const { status, ...answer } = await askApplication(calm, "DELETE", `/v1/rooms/${name}`);
    if (status === 204 || status === 404) return true;
    if (codeOf({ status, ...answer }) === "ROOM_LIVE")
      await askApplication(calm, "POST", `/v1/rooms/${name}/kick`, {});
    throw new Error(`${status} ${codeOf({ status, ...answer })}`);
  });
}

async function removeForgotten(ctx: LiveCtx): Promise<void> {
  // The list is in the order of names.
  const { rooms } = await operate<RoomList>(ctx, "GET", `/v1/rooms?after=${checkRoomPrefix}`);
  for (const { name } of rooms.filter((room) => isForgotten(room.name, ctx.now()))) await remove(ctx, name);
}

/** Pure. By its name: one of a check that ended long ago. */
export function isForgotten(name: string, now: number): boolean {
  const made = checkRoomMadeAt(name);
  return made !== undefined && now - made > forgottenMs;
}

/** Pictures are sent faster than they will be shown: a first segment of three seconds takes less than one. */
const pictureMs = 200;
const sentEveryMs = 40;

/** While a publisher sends a moving picture to an ingest. @throws when it is not let in */
export async function onAir<T>(
  address: Address,
  name: string,
  work: (publisher: RtmpClient) => Promise<T>,
  size: PictureSize = smallest,
): Promise<T> {
  const publisher = await rtmpClient(address.host, address.port);
  let timer: NodeJS.Timeout | undefined;
  try {
    publisher.publish(name);
    const said = await publisher.status(answerMs);
    if (said !== "NetStream.Publish.Start") throw new Error(`the ingest says ${said}`);
    publisher.media(messageTypes.video, 0, pictureConfiguration(size));
    let number = 0;
    timer = setInterval(() => {
      publisher.media(messageTypes.video, number * pictureMs, pictureMessage(number, size));
      number += 1;
    }, sentEveryMs);
    return await work(publisher);
  } finally {
    clearInterval(timer);
    publisher.end();
  }
}

/** The application is asked first, and its database may be busy. */
const answerMs = 10_000;
