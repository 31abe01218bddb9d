/**
 * Configuration of one ingest: nginx.conf, the plan's (RTMP alone, never reloaded), origin.conf (segments for the edges,
 * TLS for publishers; reloaded for new certificates) and the supervisor's ingest.json. Pure. Directives: the module's
 * wiki (github.com/arut/nginx-rtmp-module/wiki/Directives) and nginx.org/en/docs.
 */
import type { InstanceName } from "../../plan/model.ts";
import { secretsDir } from "../../plan/names.ts";

export interface IngestSettings {
  readonly instance: InstanceName;
  /** Seconds: of a segment, of a live playlist, and how long an ended broadcast can still be watched. */
  readonly fragmentSeconds: number;
  readonly playlistSeconds: number;
  readonly keepEndedSeconds: number;
  /** Bytes of an RTMP chunk. */
  readonly chunkSize: number;
  /** Of the RTMP worker. */
  readonly connections: number;
  /** Of each worker of the origin: RTMPS, and what edges keep and ask for at once. */
  readonly originConnections: number;
  readonly originWorkers: number;
  /** Broadcasts that have smaller renditions at once, and threads of each part of an ffmpeg that makes them. */
  readonly ladders: number;
  readonly ladderThreads: number;
  /** Instances of the application. */
  readonly applications: readonly {
    readonly host: string;
    readonly port: number;
    readonly serverName: string;
  }[];
  /** Sections about what else of the mall it uses, by name. */
  readonly stores: Readonly<Record<string, object | number>>;
}

export const ingestPorts = { rtmp: 1935, rtmps: 1936, origin: 8080, status: 9443 } as const;

/** Where the supervisor has the module's hooks come: it must be 127.0.0.1 in the container, as they are plain HTTP. */
export const hookHost = "auth-server.local";

/** What the supervisor writes; the edges ask for it by the same names below /live/. */
export const hlsFolder = "/run/hls";

/** Content by name, below `/config/<instance>/`. */
export function ingestFiles(settings: IngestSettings): Readonly<Record<string, string>> {
  return {
    "nginx.conf": rtmpConfig(settings),
    "origin.conf": originConfig(settings),
    "ingest.json": `${JSON.stringify(supervisorConfig(settings), null, 2)}\n`,
  };
}

/**
 * Lines of the plan (LV-2) that a running nginx.conf must hold, without their indentation.
 */
export const planLines = (settings: Omit<IngestSettings, "stores">): readonly string[] => [
  "worker_processes 1;",
  `listen ${ingestPorts.rtmp};`,
  `chunk_size ${settings.chunkSize};`,
  "application live {",
  "live on;",
  "hls on;",
  "hls_path /tmp/hls;",
  `hls_fragment ${settings.fragmentSeconds}s;`,
  `hls_playlist_length ${settings.playlistSeconds}s;`,
  `on_publish http://${hookHost}/auth;`,
];

/** Lines of the plan's web server, in origin.conf. TLS is this mall's (GE-4). */
export const planOriginLines: readonly string[] = [
  `listen ${ingestPorts.origin} ssl;`,
  "location /hls/ {",
  "application/vnd.apple.mpegurl m3u8;",
  "video/mp2t ts;",
  "add_header Cache-Control no-cache always;",
  "add_header Access-Control-Allow-Origin * always;",
];

/** RTMPS comes from the TLS server beside, which says whose connection it is: else all would be 127.0.0.1's, who may play. */
const innerRtmp = "127.0.0.1:1937";

function rtmpConfig(settings: IngestSettings): string {
  // One worker: the module's state is per worker, and rtmp_auto_push reaches no other (LV-3).
  return `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
worker_processes 1;
pid /run/mall/rtmp.pid;
error_log stderr notice;

events {
    worker_connections ${settings.connections};
}

rtmp {
    # Without names and queries: a query holds the stream key, and a name is the client's to choose.
    log_format session '{"level":"info","message":"rtmp","clientId":"$connection","address":"$remote_addr","command":"$command","received":$bytes_received,"sent":$bytes_sent,"seconds":$session_time}';
    access_log /dev/stdout session;

    server {
        listen ${ingestPorts.rtmp};
        listen ${innerRtmp} proxy_protocol;
        chunk_size ${settings.chunkSize};
        # A keyframe of a fast 1080p stream; the default of 1 MiB cuts its connection.
        max_message 8M;
        # A publisher whose network has gone is noticed, and may come back under its name, within a quarter of a minute.
        timeout 15s;
        ping 5s;
        ping_timeout 5s;

        application live {
            live on;
            hls on;
            hls_path /tmp/hls;
            hls_fragment ${settings.fragmentSeconds}s;
            hls_playlist_length ${settings.playlistSeconds}s;
            on_publish http://${hookHost}/auth;
            on_publish_done http://${hookHost}/done;
            on_update http://${hookHost}/update;
            notify_update_timeout 2s;
            drop_idle_publisher 10s;
            # The packager is told of pictures at once. It misses a publisher's first keyframe when it starts slowly, and
            # would take what comes until the next one for sound alone.
            wait_key off;
            # The packager's connection ends with its publisher's, so that it never goes on into another's broadcast.
            idle_streams off;
            # The packager alone, which is beside: viewers come to the edge.
            allow play 127.0.0.1;
            deny play all;
        }
    }
}

http {
    access_log off;
${temporaryPaths("rtmp")}
    server {
        listen unix:/run/mall/control.sock;
        location /control {
            rtmp_control all;
        }
        location /stat {
            rtmp_stat all;
        }
    }
}
`;
}

function originConfig({ instance, originConnections, originWorkers }: IngestSettings): string {
  const secrets = secretsDir(instance);
  const tls = (indent: string): string =>
    [
      `ssl_certificate ${secrets}/tls.crt;`,
      `ssl_certificate_key ${secrets}/tls.key;`,
      "ssl_protocols TLSv1.2 TLSv1.3;",
    ]
      .map((line) => `${indent}${line}`)
      .join("\n");
  return `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
worker_processes ${originWorkers};
pid /run/mall/origin.pid;
error_log stderr notice;

events {
    worker_connections ${originConnections};
}

stream {
    server {
        listen ${ingestPorts.rtmps} ssl;
${tls("        ")}
        ssl_handshake_timeout 10s;
        proxy_pass ${innerRtmp};
        proxy_protocol on;
        proxy_connect_timeout 2s;
        proxy_timeout 60s;
    }
}

http {
    access_log off;
    # Edges ask for streams that are not live all the time.
    log_not_found off;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    keepalive_requests 100000;
${temporaryPaths("origin")}
    map $uri $lasts {
        ~\\.m3u8$ no-cache;
        default "public, max-age=31536000, immutable";
    }

    server {
        listen ${ingestPorts.origin} ssl;
${tls("        ")}
        ssl_client_certificate ${secrets}/ca.crt;
        ssl_verify_client on;
        ssl_session_cache shared:tls:1m;

        location / {
            return 404;
        }
        # What is not whole yet stands below a name with a dot.
        location ~ /\\. {
            return 404;
        }
        location /live/ {
            types {
                application/vnd.apple.mpegurl m3u8;
                video/mp2t ts;
            }
            limit_except GET {
                deny all;
            }
            alias ${hlsFolder}/;
            add_header Cache-Control $lasts;
        }
        location /hls/ {
            types {
                application/vnd.apple.mpegurl m3u8;
                video/mp2t ts;
            }
            limit_except GET {
                deny all;
            }
            alias ${hlsFolder}/;
            add_header Cache-Control no-cache always;
            add_header Access-Control-Allow-Origin * always;
        }
    }

    server {
        listen unix:/run/mall/figures.sock;
        location = /stub_status {
            stub_status;
        }
    }
}
`;
}

/** nginx makes these at its start, used or not, and the root is read-only. */
const temporaryPaths = (name: string): string =>
  ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `    ${kind}_temp_path /run/mall/${name}-${kind};`)
    .join("\n");

const supervisorConfig = (settings: IngestSettings): object => ({
  applications: settings.applications,
  segmentSeconds: settings.fragmentSeconds,
  playlistSeconds: settings.playlistSeconds,
  keepEndedSeconds: settings.keepEndedSeconds,
  ...settings.stores,
  ladders: settings.ladders,
  ladderThreads: settings.ladderThreads,
});
