/**
 * A signature that stands in the path, before the stream: `/live/~<key>.<expires>.<viewer>.<digest>/room.m3u8`. What a
 * playlist names by a relative address inherits it, so that nobody has to write it into playlists, and nginx alone
 * judges it (ngx_http_secure_link_module).
 */
import type { Md5 } from "./digest.ts";
import { isStreamName } from "./names.ts";
import { decimalTime } from "./query.ts";
import { shortestKey } from "./sign.ts";

export interface PathSignRequest {
  readonly stream: string;
  /** The edges' play key. */
  readonly key: string;
  /** Unix seconds: the last second in which it is valid. */
  readonly expires: number;
  /** 16 hex digits: whose session it is, for counting and logs. */
  readonly viewer: string;
}

/** Characters of a key that an nginx.conf can hold as they are: the edge's entrypoint takes no other ones into it. */
const pathKey = /^[A-Za-z0-9._~+/=-]+$/;

const viewerPattern = /^[0-9a-f]{16}$/;

/** Which of two keys a signature was made with, so that an edge computes one digest: eight hex digits. */
const keyId = (key: string, md5: Md5): string => md5(`play-key ${key}`).slice(0, 8);

/** What nginx hashes, by the names that it has for the parts (`secure_link_md5`). */
export const pathText = (expires: string, viewer: string, stream: string, key: string): string =>
  `path ${expires} ${viewer} ${stream} ${key}`;

/**
 * The part of the path that opens everything of one stream until `expires`, without slashes.
 * @throws RangeError for a name, key, time or viewer that no edge takes
 */
export function signPath({ stream, key, expires, viewer }: PathSignRequest, md5: Md5): string {
  const time = expires.toString(10);
  if (!isStreamName(stream)) throw new RangeError("no stream has such a name");
  if (key.length < shortestKey || !pathKey.test(key)) throw new RangeError("no edge takes such a key");
  if (!decimalTime.test(time)) throw new RangeError("the time cannot be written in ten digits");
  if (!viewerPattern.test(viewer)) throw new RangeError("a viewer is 16 hex digits");
  const digest = md5(pathText(time, viewer, stream, key), "base64url");
  return `~${keyId(key, md5)}.${time}.${viewer}.${digest}`;
}

const below = /^\/live\/(?:~[^/]*\/)?/;

/** The address of the same object by this signature. @param path of an object, signed by path or not at all */
export const byPath = (path: string, signature: string): string => path.replace(below, `/live/${signature}/`);

/** The signature in a path; undefined where there is none. */
export const signatureIn = (path: string): string | undefined => /^\/live\/(~[^/]*)\//.exec(path)?.[1];
