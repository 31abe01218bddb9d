/**
 * The edge's locations of playlists and segments: live and recorded, signed in the path or in the query. What is signed
 * in its path nginx judges by itself; the edge's program judges queries, and signs what playlists lead to. Pure.
 */
import { parts } from "../../../../live/src/signature/names.ts";
import { secretsDir } from "../../plan/names.ts";
import { accessLog, altSvc, cors, indent, limit } from "./edge-parts.ts";
import type { EdgeConfig } from "./edge-spec.ts";

/** Who is asked for what is not in the cache. @param object its path */
type Behind = (edge: EdgeConfig, object: string) => string;

const fromIngests: Behind = ({ origin }, object) => `proxy_pass https://live_origin${object};
proxy_ssl_name ${origin.name};
proxy_set_header Host ${origin.name};
proxy_read_timeout 4s;
# A stream is on one ingest: the others answer 404.
proxy_next_upstream error timeout invalid_header http_404 http_500 http_502 http_503 http_504;
proxy_next_upstream_timeout 6s;`;

/** By connections of their own: those that forward users' requests show no certificate. */
const fromRecordings: Behind = ({ app }, object) => `proxy_pass https://live_recorded/internal${object};
proxy_ssl_name ${app.name};
proxy_set_header Host ${app.name};
proxy_read_timeout 15s;
proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504;
proxy_next_upstream_timeout 20s;`;

/** Lines of who asked for a live media playlist, until the edge's program has counted them. */
export const watchersLog = "/tmp/watchers";

/** Where a request's signature stands, and who judges it. */
interface Manner {
  /** The object that is asked for, whatever its signature. */
  readonly object: string;
  readonly judge: string;
  /** Of playlists alone. */
  readonly playlist: string;
}

const byQuery: Manner = {
  object: "$uri",
  judge: "js_access edge.access;",
  playlist: "js_header_filter edge.playlistHeaders;\njs_body_filter edge.playlistBody buffer_type=string;",
};

const byPath: Manner = {
  object: "/live$live_object",
  judge: `set $live_refused $live_verdict;
if ($live_verdict = method) { return 405 "only GET and HEAD\\n"; }
if ($live_verdict) { return 403 "$live_verdict\\n"; }`,
  playlist: `${accessLog}
access_log ${watchersLog} watchers buffer=16k flush=1s if=$live_watches;`,
};

/** What playlists and segments have in common. Nothing of the viewer's request but its path reaches who stands behind. */
const media = (edge: EdgeConfig, { object, judge }: Manner, behind: Behind): string =>
  `if ($request_method = OPTIONS) { return 204; }
${limit("media", edge.mediaRate)}${judge}
gzip off;
${behind(edge, object)}
proxy_ssl_certificate ${secretsDir(edge.instance)}/tls.crt;
proxy_ssl_certificate_key ${secretsDir(edge.instance)}/tls.key;
proxy_pass_request_headers off;
proxy_pass_request_body off;
proxy_set_header Connection "";
proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires X-Accel-Redirect;
proxy_hide_header Cache-Control;
proxy_hide_header Expires;
proxy_hide_header Set-Cookie;
proxy_hide_header Access-Control-Allow-Origin;
${cors}
${altSvc(edge)}`;

/** What is asked for: how it is kept, and for how long. @returns directives of the location */
type Kind = (manner: Manner) => string;

const playlists: Kind = ({ object, playlist }) => `add_header Cache-Control $live_playlist_age always;
${playlist}
max_ranges 0;
proxy_cache playlists;
proxy_cache_key "${object} $live_half_second";
proxy_cache_valid 200 404 10s;
# Who waits for another's answer looks again every half second. Were it sooner let through, all who wait would ask an
# ingest that is slow already.
proxy_cache_lock on;
proxy_cache_lock_age 3s;
proxy_cache_lock_timeout 3s;`;

const segments: Kind = ({ object }) => `add_header Cache-Control $live_segment_age always;
proxy_cache segments;
proxy_cache_key ${object};
proxy_force_ranges on;
proxy_cache_valid 200 1h;
proxy_cache_lock on;
proxy_cache_lock_age 5s;
proxy_cache_lock_timeout 10s;`;

const { stream, rendition, broadcast, sequence, recorded } = parts;

/** `signature/path.ts` writes it. */
const token =
  "~(?<live_key_id>[0-9a-f]{8})\\.(?<live_expires>[1-9][0-9]{9})\\.(?<live_viewer>[0-9a-f]{16})\\.(?<live_digest>[A-Za-z0-9_-]{22})";
const signed = (rest: string): string =>
  `^/live/${token}(?<live_object>/(?<live_stream>${stream})${rest})\\z`;

/** The first one that fits is taken: what is recorded stands before what is live. */
export function mediaLocations(edge: EdgeConfig): readonly string[] {
  const location = (kind: Kind, at: string, manner: Manner, behind: Behind): string =>
    `location ~ "${at}" {\n${indent(`${media(edge, manner, behind)}\n${kind(manner)}`)}\n}`;
  return [
    location(playlists, signed(`(?:/(?<live_rendition>${rendition}))?\\.m3u8`), byPath, fromIngests),
    location(segments, signed(`/${rendition}/${broadcast}-${sequence}\\.ts`), byPath, fromIngests),
    location(playlists, signed(`/replay/${broadcast}\\.m3u8`), byPath, fromRecordings),
    location(segments, signed(`/replay/${broadcast}(?:\\.jpg|/${recorded})`), byPath, fromRecordings),
    location(playlists, "^/live/[^/~]+/replay/.*\\.m3u8$", byQuery, fromRecordings),
    location(segments, "^/live/[^/~]+/replay/.*\\.(?:ts|jpg)$", byQuery, fromRecordings),
    location(playlists, "^/live/[^~].*\\.m3u8$", byQuery, fromIngests),
    location(segments, "^/live/[^~].*\\.ts$", byQuery, fromIngests),
  ];
}
