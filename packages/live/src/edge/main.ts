/**
 * The edge's program in nginx, run by njs on QuickJS: judges every request that is signed in its query without asking
 * anybody, signs what its playlists lead to, and counts who watches. nginx's configuration names these handlers, and
 * judges by itself what is signed in its path.
 */
import crypto from "node:crypto";
import type { Md5 } from "../signature/digest.ts";
import { objectOf } from "../signature/names.ts";
import { type RefusalCode, verify } from "../signature/verify.ts";
import { currentKeys, refreshKeys } from "./keys.ts";
import type { BufferFlags, Nginx, Periodic, Request } from "./njs.ts";
import { signPlaylist } from "./playlist.ts";
import { countByStream, mostSessions, sessionKey, sessionsByStream, sessionsIn, taken } from "./viewers.ts";

declare const ngx: Nginx;

const md5: Md5 = (text, digits = "hex") => crypto.createHash("md5").update(text).digest(digits);

interface Answer {
  readonly status: number;
  readonly body: string;
}

function refusal({ variables }: Request, code: RefusalCode | "referer"): Answer {
  variables.live_refused = code;
  return { status: 403, body: `${code}\n` };
}

/** Access phase of everything below /live/: 403 with a code, or nothing, and `$live_*` says what the rest needs. */
function access(r: Request): void {
  const answer = judge(r);
  if (answer !== undefined) r.return(answer.status, answer.body);
}

function judge(r: Request): Answer | undefined {
  const { variables } = r;
  if (r.method !== "GET" && r.method !== "HEAD") return { status: 405, body: "only GET and HEAD\n" };
  const object = objectOf(r.uri);
  if (object === undefined) return refusal(r, "malformed");
  variables.live_stream = object.stream;
  if (variables.live_foreign === "1") return refusal(r, "referer");
  const keys = currentKeys(variables.live_secrets ?? "", ngx.shared.live_keys);
  if (keys === undefined) return { status: 503, body: "no key\n" };
  const now = Math.floor(Date.now() / 1000);
  const query = variables.args ?? "";
  const verdict = verify({ use: "play", stream: object.stream, query, keys, now }, md5);
  if (!verdict.ok) return refusal(r, verdict.code);
  variables.live_signature = verdict.query;
  variables.live_viewer = md5(`${verdict.query} ${variables.remote_addr}`).slice(0, 16);
  // A player comes back to its media playlist for as long as it plays; nothing else says that it still does.
  if (object.kind === "media") variables.live_watching = "1";
  return undefined;
}

/** A playlist's text so far. A context serves one request at a time; what an aborted one left is dropped by the next. */
let text = "";

const isSigned = (r: Request): boolean => r.status === 200 && (r.variables.live_signature ?? "") !== "";

/** Headers of a playlist: its text is about to change, and differs from viewer to viewer. */
function playlistHeaders(r: Request): void {
  text = "";
  if (!isSigned(r)) return;
  for (const name of ["Content-Length", "ETag", "Last-Modified", "Accept-Ranges"]) delete r.headersOut[name];
  const { live_stream: stream, live_viewer: viewer, live_watching: watching } = r.variables;
  if (watching === "1") ngx.shared.live_viewers.set(sessionKey(stream ?? "", viewer ?? ""), 1);
}

function playlistBody(r: Request, data: string, flags: BufferFlags): void {
  if (!isSigned(r)) {
    r.sendBuffer(data, flags);
    return;
  }
  text += data;
  if (flags.last !== true) return;
  r.sendBuffer(signPlaylist(text, r.variables.live_signature ?? ""), flags);
  text = "";
}

/** Who asked for playlists that are signed in their path, by the lines that nginx wrote; read lines are gone. */
function count(log: string): void {
  for (const session of sessionsIn(taken(log))) ngx.shared.live_viewers.set(session, 1);
}

/** `?sessions=1`: who, not only how many; an edge of a shop that is full of viewers writes megabytes then. */
function viewers(r: Request): void {
  count(r.variables.live_watchers_log ?? "");
  const keys = ngx.shared.live_viewers.keys(mostSessions);
  const who = r.variables.args === "sessions=1" ? { sessions: sessionsByStream(keys) } : {};
  r.headersOut["Content-Type"] = "application/json";
  r.return(200, `${JSON.stringify({ streams: countByStream(keys), ...who })}\n`);
}

/** For the probe: without a key every viewer is turned away. */
function health(r: Request): void {
  const ready = currentKeys(r.variables.live_secrets ?? "", ngx.shared.live_keys) !== undefined;
  r.return(ready ? 200 : 503, ready ? "ready\n" : "no play key\n");
}

/** Every few seconds, in one worker. */
function keep({ variables }: Periodic): void {
  refreshKeys(variables.live_secrets ?? "", ngx.shared.live_keys);
  count(variables.live_watchers_log ?? "");
}

export default { access, playlistHeaders, playlistBody, viewers, health, keep };
