/** Signed addresses: to watch a stream at the edges, and to push one to the ingests. */
import { randomBytes } from "node:crypto";
import {
  byPath,
  type Dialect,
  masterPath,
  md5,
  posterPath,
  replayPath,
  sign,
  signPath,
} from "../signature/index.ts";
import type { PlayAddress, RoomUrls } from "./api.ts";
import type { Config } from "./config.ts";
import type { Secrets } from "./secrets.ts";

export interface Addresses {
  /** For one viewer, from now on: signed in its path, which costs an edge least. */
  forViewer(stream: string): PlayAddress;
  /** A replay of the stream, for one viewer. */
  replay(stream: string, broadcast: string): PlayAddress;
  poster(stream: string, broadcast: string): string;
  /** For an operator: valid for exactly `ttlSeconds`, signed in its query, as players and CDNs elsewhere take it. */
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
  const forViewer = (stream: string, path: string): PlayAddress => {
    const expires = until(config.playTtlSeconds);
    const viewer = randomBytes(8).toString("hex");
    const signature = signPath({ stream, expires, viewer, key: secrets.read("play.key") }, md5);
    return { url: `${config.publicUrl}${byPath(path, signature)}`, ...ending(expires) };
  };
  return {
    forViewer: (stream) => forViewer(stream, masterPath(stream)),
    replay: (stream, broadcast) => forViewer(stream, replayPath(stream, broadcast)),
    poster: (stream, broadcast) => forViewer(stream, posterPath(stream, broadcast)).url,
    play: (stream, dialect, ttlSeconds) => {
      const expires = until(ttlSeconds);
      const query = signed({ use: "play", dialect, stream, expires, key: secrets.read("play.key") });
      return { url: `${config.publicUrl}${masterPath(stream)}?${query}`, dialect, ...ending(expires) };
    },
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
