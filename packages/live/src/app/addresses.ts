/** Signed addresses: to watch a stream at the edges, and to push one to the ingests. */
import { randomBytes, randomInt } from "node:crypto";
import { type Dialect, masterPath, md5, posterPath, replayPath, sign } from "../signature/index.ts";
import type { PlayAddress, RoomUrls } from "./api.ts";
import type { Config } from "./config.ts";
import type { Secrets } from "./secrets.ts";

/** Viewers of one second get times that differ, so that the edges can tell them apart. */
const spreadSeconds = 60;

export interface Addresses {
  /** For one viewer, from now on. */
  forViewer(stream: string): PlayAddress;
  /** A replay of the stream, for one viewer. */
  replay(stream: string, broadcast: string): PlayAddress;
  poster(stream: string, broadcast: string): string;
  /** For an operator: valid for exactly `ttlSeconds`. */
  play(stream: string, dialect: Dialect, ttlSeconds: number): RoomUrls["play"];
  push(
    stream: string,
    dialect: PushDialect,
    ttlSeconds: number,
    key: { readonly id: string; readonly key: string },
  ): NonNullable<RoomUrls["push"]>;
}

/** nginx's dialect protects what is watched; publishers have the two clouds' ones. */
export type PushDialect = Exclude<Dialect, "nginx">;
export const pushDialectOf = (dialect: Dialect): PushDialect => (dialect === "aliyun" ? "aliyun" : "tencent");

/** @param now ms */
export function addressesOf(config: Config, secrets: Secrets, now: () => number): Addresses {
  const until = (ttlSeconds: number) => Math.floor(now() / 1_000) + ttlSeconds;
  const play = (
    stream: string,
    dialect: Dialect,
    expires: number,
    path = masterPath(stream),
  ): RoomUrls["play"] => {
    const request = { use: "play", dialect, stream, expires, key: secrets.read("play.key") } as const;
    return {
      url: `${config.publicUrl}${path}?${signed(request)}`,
      dialect,
      ...ending(expires),
    };
  };
  const forViewer = (stream: string, path?: string): PlayAddress => {
    const expires = until(config.playTtlSeconds + randomInt(spreadSeconds));
    const { url, expiresAt } = play(stream, "nginx", expires, path);
    return { url, expiresAt };
  };
  return {
    forViewer: (stream) => forViewer(stream),
    replay: (stream, broadcast) => forViewer(stream, replayPath(stream, broadcast)),
    poster: (stream, broadcast) => forViewer(stream, posterPath(stream, broadcast)).url,
    play: (stream, dialect, ttlSeconds) => play(stream, dialect, until(ttlSeconds)),
    push: (stream, dialect, ttlSeconds, { id, key }) => {
      const expires = until(ttlSeconds);
      const streamKey = `${stream}?${signed({ use: "push", dialect, stream, expires, key })}`;
      return {
        url: `${config.pushUrl}/${streamKey}`,
        urlTls: config.pushUrlTls === undefined ? null : `${config.pushUrlTls}/${streamKey}`,
        obs: { server: config.pushUrlTls ?? config.pushUrl, streamKey },
        dialect,
        keyId: id,
        ...ending(expires),
      };
    },
  };
}

const signed = (request: Parameters<typeof sign>[0]): string =>
  sign(
    { ...request, ...(request.dialect === "aliyun" ? { rand: randomBytes(8).toString("hex") } : {}) },
    md5,
  );

const ending = (expires: number): { readonly expiresAt: string } => ({
  expiresAt: new Date(expires * 1_000).toISOString(),
});
