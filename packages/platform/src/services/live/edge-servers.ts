/** The edge's servers: the viewers', the operators' and the probe's. Pure. */
import { secretsDir } from "../../plan/names.ts";
import type { EdgeConfig, EdgeRate, EdgeUpstream } from "./edge-spec.ts";

export const indent = (block: string): string => block.replaceAll(/^(?=.)/gm, "  ");
const secret = ({ instance }: EdgeConfig, file: string): string => `${secretsDir(instance)}/${file}`;

const limit = (name: string, { perSecond, burst }: EdgeRate): string =>
  perSecond === 0 ? "" : `limit_req zone=${name} burst=${burst} nodelay;\n`;

const cors = `add_header Access-Control-Allow-Origin * always;
add_header Access-Control-Allow-Methods "GET, HEAD, OPTIONS" always;
add_header Access-Control-Allow-Headers Range always;
add_header Access-Control-Expose-Headers "Content-Length, Content-Range, Date, X-Cache, X-Refused" always;
add_header Access-Control-Max-Age 86400 always;
add_header Timing-Allow-Origin * always;
add_header X-Cache $upstream_cache_status always;
add_header X-Refused $live_refused always;`;

const altSvc = ({ publicPort }: EdgeConfig): string =>
  `add_header Alt-Svc 'h3=":${publicPort}"; ma=86400' always;`;

/** Whoever stands behind is asked over TLS, and has to prove who it is. */
const verified = (edge: EdgeConfig): string => `proxy_http_version 1.1;
proxy_ssl_protocols TLSv1.2 TLSv1.3;
proxy_ssl_verify on;
proxy_ssl_verify_depth 2;
proxy_ssl_trusted_certificate ${secret(edge, "ca.crt")};
proxy_ssl_server_name on;
proxy_connect_timeout 1s;`;

/**
 * What playlists and segments have in common, live and recorded. Nothing of the viewer's request but its path reaches
 * who stands behind.
 */
const media = (edge: EdgeConfig, behind: string): string => `if ($request_method = OPTIONS) { return 204; }
${limit("media", edge.mediaRate)}js_access edge.access;
gzip off;
${behind}
proxy_ssl_certificate ${secret(edge, "tls.crt")};
proxy_ssl_certificate_key ${secret(edge, "tls.key")};
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

const fromIngests = ({ origin }: EdgeConfig): string => `proxy_pass https://live_origin$uri;
proxy_ssl_name ${origin.name};
proxy_set_header Host ${origin.name};
proxy_read_timeout 4s;
# A stream is on one ingest: the others answer 404.
proxy_next_upstream error timeout invalid_header http_404 http_500 http_502 http_503 http_504;
proxy_next_upstream_timeout 6s;`;

/** By connections of their own: those that forward users' requests show no certificate. */
const fromRecordings = ({ app }: EdgeConfig): string => `proxy_pass https://live_recorded/internal$uri;
proxy_ssl_name ${app.name};
proxy_set_header Host ${app.name};
proxy_read_timeout 15s;
proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504;
proxy_next_upstream_timeout 20s;`;

const playlists = (edge: EdgeConfig, below: string, behind: string): string => `location ~ ${below}\\.m3u8$ {
${indent(media(edge, behind))}
  add_header Cache-Control $live_playlist_age always;
  js_header_filter edge.playlistHeaders;
  js_body_filter edge.playlistBody buffer_type=string;
  max_ranges 0;
  proxy_cache playlists;
  proxy_cache_key "$uri $live_half_second";
  proxy_cache_valid 200 404 10s;
  # Who waits for another's answer looks again only every half second; here, after a fifth.
  proxy_cache_lock on;
  proxy_cache_lock_timeout 200ms;
}`;

const segments = (edge: EdgeConfig, files: string, behind: string): string => `location ~ ${files}$ {
${indent(media(edge, behind))}
  add_header Cache-Control $live_segment_age always;
  proxy_cache segments;
  proxy_cache_key $uri;
  proxy_force_ranges on;
  proxy_cache_valid 200 1h;
  proxy_cache_lock on;
  proxy_cache_lock_age 5s;
  proxy_cache_lock_timeout 10s;
}`;

/** No client certificate here: whoever comes through the edge is a user, never a service of the mall. */
const app = (edge: EdgeConfig): string => `proxy_pass https://live_app;
proxy_ssl_name ${edge.app.name};
proxy_set_header Host $host;
proxy_set_header Connection "";
proxy_set_header Accept-Encoding "";
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Host $http_host;
proxy_set_header X-Forwarded-Proto https;
proxy_read_timeout 15s;
proxy_next_upstream error timeout http_502 http_503;
proxy_next_upstream_timeout 10s;
${altSvc(edge)}`;

/**
 * Only what browsers ask: LiveKit's interface for programs is the application's alone. It pings every few seconds, so a
 * silence of a minute is a lost browser.
 */
const signalling = (edge: EdgeConfig, { name }: EdgeUpstream): string => `location ~ ^/rtc(?:/|$) {
${indent(limit("api", edge.apiRate))}  proxy_pass https://live_webrtc;
  proxy_ssl_name ${name};
  proxy_set_header Host $host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $live_connection;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_read_timeout 60s;
  proxy_send_timeout 60s;
  proxy_buffering off;
}`;

/** Compressed where nothing secret stands in the answer, media and playlists never. */
const gzip = `gzip on;
gzip_proxied any;
gzip_vary on;
gzip_min_length 1024;
gzip_types text/css text/javascript application/javascript application/manifest+json image/svg+xml;`;

/** The first one that fits is taken: what is recorded stands before what is live. */
const recordedBelow = "^/live/[^/]+/replay/.*";
const liveBelow = "^/live/.*";

export function publicServer(edge: EdgeConfig): string {
  const { https } = edge.ports;
  return `server {
  listen ${https} ssl default_server;
  listen ${https} quic reuseport default_server;
  http2 on;
  http3 on;
  ssl_certificate ${secret(edge, "tls.crt")};
  ssl_certificate_key ${secret(edge, "tls.key")};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:edge:4m;
  ssl_session_timeout 1h;
${indent(verified(edge))}
  # Plain HTTP on this port: not even an answer.
  error_page 497 = @plaintext;
  location @plaintext { return 444; }

  # Whatever else lies below it names nothing; the program says so for the two kinds of objects.
  location /live/ {
    add_header X-Refused malformed always;
    return 403 "malformed\\n";
  }
${indent(playlists(edge, recordedBelow, fromRecordings(edge)))}
${indent(segments(edge, `${recordedBelow}\\.(?:ts|jpg)`, fromRecordings(edge)))}
${indent(playlists(edge, liveBelow, fromIngests(edge)))}
${indent(segments(edge, `${liveBelow}\\.ts`, fromIngests(edge)))}

  location ~ ^/(?:$|watch/|studio/|replays|auction/|assets/) {
${indent(indent(`${app(edge)}\n${gzip}`))}
  }
  location /v1/ {
${indent(indent(`${limit("api", edge.apiRate)}${app(edge)}`))}
  }
${edge.webrtc === undefined ? "" : `${indent(signalling(edge, edge.webrtc))}\n`}  location / { return 404; }
}`;
}

export const statusServer = (edge: EdgeConfig): string => `server {
  listen ${edge.ports.status} ssl;
  http2 on;
  ssl_certificate ${secret(edge, "tls.crt")};
  ssl_certificate_key ${secret(edge, "tls.key")};
  ssl_client_certificate ${secret(edge, "ca.crt")};
  ssl_verify_client on;
  ssl_verify_depth 2;
  ssl_protocols TLSv1.2 TLSv1.3;
  access_log off;
  error_page 497 = @plaintext;
  location @plaintext { return 444; }
  location @keys { js_periodic edge.keep interval=2s; }
  location = /stub_status { stub_status; }
  location = /v1/viewers { js_content edge.viewers; }
  location / { return 404; }
}`;

/** For the probe inside of the container. */
export const probeServer = ({ ports }: EdgeConfig): string => `server {
  listen 127.0.0.1:${ports.probe};
  access_log off;
  location = /healthz { js_content edge.health; }
  location / { return 404; }
}`;
