/** The running mall as the figures of live streaming are measured on it, and a room of their own. */
import { setTimeout as sleep } from "node:timers/promises";
import type { NewKey, RoomUrls } from "../../../../live/src/app/api.ts";
import type { LiveClient } from "../../../../live/src/client/client.ts";
import type { Engine } from "../../engine/engine.ts";
import { messageOf } from "../../errors.ts";
import type { MallPlan, Route } from "../../plan/model.ts";
import type { Progress } from "../../progress.ts";
import type { Net, SecretReader } from "../../services/service.ts";
import { clockFilter, picture } from "./clock.ts";

export interface LiveMall {
  readonly name: string;
  readonly plan: MallPlan;
  readonly engine: Engine;
  readonly net: Net;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Asked as the operator. */
  readonly api: LiveClient;
  /** What a call of it answers. @throws LIVE_AWAY, LIVE_REFUSED */
  said<T>(call: Promise<{ readonly data?: T; readonly response: Response }>): Promise<T>;
  /** Identity and trust of another client certificate of the mall. */
  secretsOf(client: string): SecretReader;
  /** Runs these words, of which the first is ffmpeg, in an ingest's container until they are stopped. */
  ffmpeg(words: readonly string[]): {
    readonly ended: Promise<{ readonly code: number; readonly output: string }>;
    stop(): void;
  };
}

export function routeOf({ plan }: Pick<LiveMall, "plan">, name: string): Route {
  const route = plan.services.flatMap((s) => s.routes).find((each) => each.name === name);
  if (route === undefined) throw new Error(`the plan has no route ${name}`);
  return route;
}

/** With a room of its own. */
export interface RoomedMall extends LiveMall {
  readonly room: string;
}

const prefix = "mall-bench-";
const of = (name: string) => ({ params: { path: { name } } });

/**
 * While there is an empty room of a new name: what was played of another one is still there for a minute. Rooms that
 * earlier runs have left are removed.
 */
export async function withRoom<T>(mall: LiveMall, work: (mall: RoomedMall) => Promise<T>): Promise<T> {
  const { rooms } = await mall.said(mall.api.GET("/v1/rooms", { params: { query: { after: prefix } } }));
  for (const { name } of rooms.filter((each) => each.name.startsWith(prefix))) await removeRoom(mall, name);
  const room = `${prefix}${Date.now().toString(36)}`;
  const body = { name: room, title: "mall bench", merchant: "mall-bench", visibility: "public" } as const;
  await mall.said(mall.api.POST("/v1/rooms", { body }));
  try {
    return await work({ ...mall, room });
  } finally {
    await removeRoom(mall, room);
  }
}

/** A room that is live cannot be deleted: its end is heard of within seconds. */
async function removeRoom(mall: LiveMall, room: string): Promise<void> {
  for (let left = 40; ; left -= 1) {
    const failure = await mall
      .said(mall.api.DELETE("/v1/rooms/{name}", of(room)))
      .then(() => undefined, messageOf);
    if (failure === undefined) return;
    if (left === 0) throw new Error(`the room ${room} is still there: ${failure}`);
    await kick(mall, room).catch(() => undefined);
    await sleep(500);
  }
}

export const kick = (mall: LiveMall, room: string): Promise<unknown> =>
  mall.said(mall.api.POST("/v1/rooms/{name}/kick", of(room)));

export const newKey = (mall: RoomedMall): Promise<NewKey> =>
  mall.said(mall.api.POST("/v1/rooms/{name}/keys", { ...of(mall.room), body: {} }));

export const playUrls = async (mall: RoomedMall): Promise<RoomUrls["play"]> =>
  (await mall.said(mall.api.GET("/v1/rooms/{name}/urls", of(mall.room)))).play;

export interface Stream {
  /** Broadcast's id, of which its segments are named. */
  readonly broadcast: string;
  readonly ended: Promise<unknown>;
}

const beginMs = 30_000;

/**
 * While a picture with a clock is broadcast in the room: a keyframe every 3 s, so that segments are the plan's fragments;
 * of a size that has no smaller renditions, which would take the cores that are measured.
 * @param kbits of picture and sound together @throws Error when it does not begin
 */
export async function onAir<T>(
  mall: RoomedMall,
  kbits: number,
  work: (stream: Stream) => Promise<T>,
): Promise<T> {
  const { key } = await newKey(mall);
  const rtmp = routeOf(mall, "live-rtmp");
  const stream = mall.ffmpeg(words(`rtmp://${rtmp.name}:${rtmp.port}/live/${mall.room}?key=${key}`, kbits));
  try {
    for (const until = Date.now() + beginMs; ; ) {
      const room = await mall.said(mall.api.GET("/v1/rooms/{name}", of(mall.room)));
      if ("broadcast" in room && room.broadcast !== null)
        return await work({ broadcast: room.broadcast.id, ended: stream.ended });
      const gone = await Promise.race([stream.ended, sleep(200, undefined, { signal: mall.signal })]);
      if (gone !== undefined) throw new Error(`ffmpeg ended: ${gone.output.split("\n").at(-1)}`);
      if (Date.now() > until) throw new Error("the broadcast did not begin");
    }
  } finally {
    stream.stop();
    await stream.ended;
  }
}

const soundKbits = 64;

const words = (address: string, kbits: number): readonly string[] => {
  const rate = `${kbits - soundKbits}k`;
  return [
    ...["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-loglevel", "error"],
    ...["-re", "-f", "lavfi", "-i", `testsrc2=size=${picture.width}x${picture.height}:rate=25`],
    ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
    ...["-filter_complex", clockFilter, "-map", "[out]", "-map", "1:a"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-sc_threshold", "0"],
    // A constant rate: what the picture does not need is filled.
    ...["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate, "-x264-params", "nal-hrd=cbr"],
    ...["-g", "75", "-keyint_min", "75", "-c:a", "aac", "-b:a", `${soundKbits}k`],
    ...["-f", "flv", "-flvflags", "no_duration_filesize", address],
  ];
};
