/** The edge's servers: the viewers', the operators' and the probe's. Pure. */
import { pathText } from "../../../../live/src/signature/path.ts";
import { secretsDir } from "../../plan/names.ts";
import { mediaLocations } from "./edge-media.ts";
import { altSvc, indent, limit } from "./edge-parts.ts";
import type { EdgeConfig, EdgeUpstream } from "./edge-spec.ts";

const secret = ({ instance }: EdgeConfig, file: string): string => `${secretsDir(instance)}/${file}`;

/** Whoever stands behind is asked over TLS, and has to prove who it is. */
const verified = (edge: EdgeConfig): string => `proxy_http_version 1.1;
proxy_ssl_protocols TLSv1.2 TLSv1.3;
proxy_ssl_verify on;
proxy_ssl_verify_depth 2;
proxy_ssl_trusted_certificate ${secret(edge, "ca.crt")};
proxy_ssl_server_name on;
proxy_connect_timeout 1s;`;

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
  # signature/path.ts
  secure_link $live_digest,$live_expires;
  secure_link_md5 "${pathText("$live_expires", "$live_viewer", "$live_stream", "$live_key")}";
  # Plain HTTP on this port: not even an answer.
  error_page 497 = @plaintext;
  location @plaintext { return 444; }

  # Whatever else lies below it names nothing; the program says so for the two kinds of objects.
  location /live/ {
    add_header X-Refused malformed always;
    return 403 "malformed\\n";
  }
${mediaLocations(edge).map(indent).join("\n")}

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
