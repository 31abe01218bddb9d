/** From a publisher to a replay with our own images: MinIO, MySQL, the application, one ingest, one edge. */

import { accessKeyOf } from "../../packages/live/src/bucket/access-key.ts";
import { edgeConfiguration } from "../../packages/platform/src/services/live/edge-config.ts";
import type { EdgeConfig } from "../../packages/platform/src/services/live/edge-spec.ts";
import { ingestFiles } from "../../packages/platform/src/services/live/ingest-config.ts";
import { h264 } from "./ingest-bench.ts";
import { type Ask, LiveBench, secrets, until } from "./live-app.ts";
import { Client } from "./live-edge.ts";
import { readyImages } from "./ready-images.ts";
import type { Container } from "./standalone.ts";

export interface ReplayBench {
  readonly live: LiveBench;
  readonly minio: Container;
  readonly mysql: Container;
  readonly ingest: Container;
  /** ffmpeg lives here. */
  readonly studio: Container;
  readonly operator: Ask;
  readonly anyone: Ask;
  /** Of the edge, as a viewer. */
  readonly viewer: Client;
  /** Makes a room. @returns the query with its stream key */
  room(name: string, more?: object): Promise<string>;
  /** Sends a test picture for so many seconds of it, at its own speed. @returns once it has ended */
  publish(room: string, query: string, seconds: number): Promise<{ readonly exitCode: number }>;
  /** Objects of a folder of the bucket, their names alone. */
  objects(folder: string): Promise<readonly string[]>;
  startIngest(): Promise<Container>;
  close(): Promise<void>;
}

const password = "RootSecret123456";
const images = ["mysql", "live-app", "live-ingest", "live-edge", "minio"];
const ingestName = "live-ingest-1";
const server = (host: string, port: number) => ({ name: host, servers: [{ host, port }] });

const edgeConfig: EdgeConfig = {
  instance: "live-edge-1",
  origin: server(ingestName, 8080),
  app: server("live-app-1", 8443),
  ports: { https: 8443, status: 9443, probe: 9080 },
  publicPort: 8443,
  ...{ referers: [], allowEmptyReferer: true, trustedProxies: [] },
  ...{ workers: 1, workerConnections: 1024, cacheBytes: 64 * 2 ** 20, viewers: 2_000 },
  ...{ mediaRate: { perSecond: 0, burst: 0 }, apiRate: { perSecond: 0, burst: 0 } },
};

export async function replayBench(): Promise<ReplayBench> {
  const live = await LiveBench.open((bench) => readyImages(bench.engine, images));
  const { bench } = live;
  const image = (name: string) => live.images.get(name)?.tag ?? "";
  const bucket = { host: "minio", port: 9000, serverName: "minio", bucket: "replays", user: "live" };
  const minio = await bench.run("minio", {
    image: image("minio"),
    uid: 10008,
    config: { "minio.env": "MINIO_VOLUMES /data/drive\nMINIO_UPDATE off\nGOMEMLIMIT 300MiB\n" },
    secrets: { "root.password": password },
  });
  await minio.untilHealthy();
  const shell = async (...command: readonly string[]): Promise<string> => {
    const { stdout, stderr, exitCode } = await minio.exec("mall-shell", ...command);
    if (exitCode !== 0) throw new Error(stderr || stdout);
    return stdout;
  };
  await shell("mb", "mall/replays");
  const key = accessKeyOf(bucket.user, password);
  await shell("admin", "user", "add", "mall", key, password);
  await shell("admin", "policy", "attach", "mall", "readwrite", "--user", key);
  const mysql = await live.mysql();
  const app = await live.app({ minio: bucket }, "live-app-1", { "minio.password": password });
  const config = ingestFiles({
    instance: ingestName,
    ...{ fragmentSeconds: 3, playlistSeconds: 60, keepEndedSeconds: 60, chunkSize: 4096 },
    ...{
      connections: 512,
      originConnections: 512,
      originWorkers: 1,
      ladders: 0,
      ladderThreads: 1,
      stores: { minio: bucket },
    },
    applications: [{ host: "live-app-1", port: 8443, serverName: "live-app-1" }],
  });
  const startIngest = async (): Promise<Container> => {
    const started = await bench.run(ingestName, {
      image: image("live-ingest"),
      uid: 10009,
      config,
      secrets: { "minio.password": password },
      options: [
        ...["--add-host", "auth-server.local:127.0.0.1"],
        ...["--tmpfs", "/run/hls:mode=0700,size=256m,uid=10009,gid=10009"],
      ],
    });
    await started.untilHealthy(30_000);
    return started;
  };
  const [ingest, studio, edge] = await Promise.all([
    startIngest(),
    bench.run("studio", {
      image: image("live-ingest"),
      uid: 10009,
      options: ["--entrypoint", "/bin/sleep"],
      command: ["3600"],
    }),
    bench.run("live-edge-1", {
      image: image("live-edge"),
      uid: 10010,
      config: { "nginx.conf": edgeConfiguration(edgeConfig) },
      secrets: { "play.key": secrets["play.key"] },
    }),
  ]);
  await edge.untilHealthy();
  const [operator, anyone] = await Promise.all([live.client(app, "operator"), live.client(app)]);
  await until(async () => (await anyone("GET", "/ready")).status === 200);
  const address = await edge.address();

  return {
    ...{ live, minio, mysql, ingest, studio, operator, anyone, startIngest },
    viewer: new Client(address, bench.authority, "live-edge-1"),
    async room(name, more = {}) {
      const body = { name, title: `茶 ${name}`, merchant: "m1", ...more };
      const made = await operator("POST", "/v1/rooms", { body });
      if (made.status !== 201) throw new Error(made.text);
      const { json } = await operator("POST", `/v1/rooms/${name}/keys`, { body: {} });
      return `key=${json.key}`;
    },
    publish(room, query, seconds) {
      const rate = 10;
      return studio.exec(
        ...["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning"],
        ...["-re", "-f", "lavfi", "-i", `testsrc=size=320x180:rate=${rate}`],
        ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"],
        ...[...h264(rate), "-c:a", "aac", "-b:a", "64k", "-t", String(seconds)],
        ...["-f", "flv", `rtmp://${ingestName}:1935/live/${room}?${query}`],
      );
    },
    async objects(folder) {
      // Of a folder without objects mc says that there is none.
      const text = await shell("ls", "--recursive", "mall/replays");
      const lines = text.split("\n").filter((line) => line.includes(` ${folder}`));
      return lines.map((line) => line.split("/").at(-1) ?? "");
    },
    close: () => bench.close(),
  };
}
