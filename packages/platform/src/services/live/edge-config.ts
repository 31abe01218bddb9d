/**
 * nginx.conf of a live edge: TLS, HTTP/2 and HTTP/3 outside, judged by the njs program, cached, and mutual TLS to the
 * ingests. Pure. Directives: nginx.org/en/docs, and for njs nginx.org/en/docs/http/ngx_http_js_module.html.
 *
 * `@RESOLVER@` and `@SEARCH@` are left to the image's entrypoint, which reads /etc/resolv.conf: nginx neither asks
 * that file's servers nor completes names by its search domain.
 */
import { runDir, secretsDir } from "../../plan/names.ts";
import { judging } from "./edge-judging.ts";
import { watchersLog } from "./edge-media.ts";
import { accessLog, indent } from "./edge-parts.ts";
import { probeServer, publicServer, statusServer } from "./edge-servers.ts";
import { type EdgeConfig, type EdgeRate, type EdgeUpstream, refuseStrangeWords } from "./edge-spec.ts";

/** A session's entry in njs's dictionary: two tree nodes, a key of up to 81 characters, rounded up by the slabs. */
const bytesPerViewer = 256;
const MiB = 2 ** 20;

/** @throws Error for a value that would end up as something else in nginx's language */
export function edgeConfiguration(edge: EdgeConfig): string {
  refuseStrangeWords(edge);
  const blocks = [
    shared(edge),
    judging(edge),
    limits(edge),
    caches(edge),
    upstream("live_origin", edge.origin, 32),
    upstream("live_app", edge.app, 16),
    upstream("live_recorded", edge.app, 16),
    ...(edge.webrtc === undefined ? [] : [upgrades, upstream("live_webrtc", edge.webrtc, 16)]),
    publicServer(edge),
    statusServer(edge),
    probeServer(edge),
  ];
  return `${head(edge)}\nhttp {\n${blocks.map(indent).join("\n\n")}\n}\n`;
}

const head = ({ workers, workerConnections }: EdgeConfig): string => `pid ${runDir}/nginx.pid;
error_log stderr warn;
worker_processes ${workers};
pcre_jit on;
# Who is still being served when the edge stops or takes a renewed certificate.
worker_shutdown_timeout 8s;
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;

events {
  worker_connections ${workerConnections};
}
`;

const shared = (edge: EdgeConfig): string => `server_tokens off;
default_type application/octet-stream;
sendfile on;
tcp_nopush on;
keepalive_timeout 65s;
keepalive_requests 10000;
client_max_body_size 1m;
client_body_temp_path /tmp/body;
proxy_temp_path /tmp/proxy;
fastcgi_temp_path /tmp/fastcgi;
uwsgi_temp_path /tmp/uwsgi;
scgi_temp_path /tmp/scgi;
resolver @RESOLVER@ valid=2s ipv6=off;
resolver_timeout 2s;
${edge.trustedProxies.length === 0 ? "" : `${edge.trustedProxies.map((a) => `set_real_ip_from ${a};\n`).join("")}real_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n`}
js_engine qjs;
js_path /usr/share/mallstack/live-edge/;
js_import edge from edge.js;
js_shared_dict_zone zone=live_keys:64k;
js_shared_dict_zone zone=live_viewers:${Math.max(1, Math.ceil((edge.viewers * bytesPerViewer) / MiB))}m type=number timeout=20s evict;
js_var $live_secrets ${secretsDir(edge.instance)};
js_var $live_watchers_log ${watchersLog};
js_var $live_stream;
js_var $live_viewer;
js_var $live_watching;
js_var $live_signature;
js_var $live_refused;

# Without query or signature: they open the stream to whoever reads them.
log_format edge escape=json '{"time":"$time_iso8601","edge":"${edge.instance}","client":"$remote_addr",'
  '"method":"$request_method","uri":"$live_logged","protocol":"$server_protocol","status":$status,'
  '"bytes":$body_bytes_sent,"seconds":$request_time,"stream":"$live_stream","viewer":"$live_viewer",'
  '"refused":"$live_refused","cache":"$upstream_cache_status","upstream":"$upstream_addr",'
  '"upstreamStatus":"$upstream_status","upstreamSeconds":"$upstream_response_time"}';
log_format watchers "$live_stream $live_viewer";
${accessLog}`;

function limits({ mediaRate, apiRate }: EdgeConfig): string {
  const zone = (name: string, { perSecond }: EdgeRate): string =>
    perSecond === 0 ? "" : `limit_req_zone $binary_remote_addr zone=${name}:4m rate=${perSecond}r/s;\n`;
  return `${zone("media", mediaRate)}${zone("api", apiRate)}limit_req_status 429;`;
}

/**
 * A playlist's key changes twice a second, so that none is older than that: `proxy_cache_valid` knows whole seconds
 * only, and lets an answer live for up to two.
 */
const caches = ({ cacheBytes }: EdgeConfig): string => `map $msec $live_half_second {
  "~^(?<live_second>[0-9]+)\\.[0-4]" "$live_second";
  "~^(?<live_second_half>[0-9]+)\\." "$live_second_half+";
}
map $status $live_segment_age {
  200 "public, max-age=3600, immutable";
  206 "public, max-age=3600, immutable";
  304 "public, max-age=3600, immutable";
  default "no-store";
}
map $status $live_playlist_age {
  200 "no-cache";
  default "no-store";
}
proxy_cache_path /tmp/segments levels=1:2 keys_zone=segments:8m max_size=${Math.max(1, Math.floor(cacheBytes / MiB))}m inactive=2m use_temp_path=off;
proxy_cache_path /tmp/playlists keys_zone=playlists:2m inactive=10s use_temp_path=off;`;

/** A browser's signalling is one connection that changes its protocol (nginx.org/en/docs/http/websocket.html). */
const upgrades = `map $http_upgrade $live_connection {
  "" "";
  default upgrade;
}`;

/** Addresses follow their names; who refused once is left alone for five seconds while another one answers. */
const upstream = (name: string, { servers }: EdgeUpstream, keepalive: number): string => `upstream ${name} {
  zone ${name} 256k;
${servers.map(({ host, port }) => `  server ${host}@SEARCH@:${port} resolve max_fails=1 fail_timeout=5s;\n`).join("")}  keepalive ${keepalive};
}`;
