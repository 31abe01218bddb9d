/** One ingest of our image, an application that the test plays, publishers in a container beside, and viewers as edges. */
import { request } from "node:https";
import { type IngestSettings, ingestFiles } from "../../packages/platform/src/services/live/ingest-config.ts";
import { readyImages } from "./ready-images.ts";
import { type StandIn, standIn } from "./stand-in-application.ts";
import { Bench, type Container } from "./standalone.ts";

export interface Got {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly text: string;
}

export interface IngestBench {
  readonly bench: Bench;
  readonly app: StandIn;
  readonly ingest: Container;
  /** ffmpeg lives here. */
  readonly studio: Container;
  readonly address: string;
  readonly settings: IngestSettings;
  /** From the origin, as an edge would. */
  get(path: string, options?: { readonly certificate?: boolean; readonly port?: number }): Promise<Got>;
  state(): Promise<State>;
  /** Publishes a test picture until it is stopped or `seconds` have passed. @returns how ffmpeg ended */
  publish(options: PublishOptions): Publisher;
  close(): Promise<void>;
}

export interface State {
  readonly streams: readonly {
    readonly stream: string;
    readonly broadcast: string;
    readonly clientId: string;
    readonly address: string;
    readonly figures: {
      readonly ffmpegPid?: number;
      readonly restarts: number;
      readonly ladder: string;
      readonly ladderPid?: number;
      readonly ladderRestarts: number;
      readonly renditions: readonly {
        readonly name: string;
        readonly segments: number;
        readonly lost: number;
        readonly fault?: string;
        readonly keyframeSeconds: number;
      }[];
    };
  }[];
  readonly refused: readonly { readonly stream: string; readonly code: string; readonly reason: string }[];
}

export interface PublishOptions {
  readonly room: string;
  readonly query?: string;
  readonly seconds: number;
  readonly tls?: boolean;
  /** ffmpeg's options for the picture and the sound; defaults: 320x180 at 15 pictures a second, keyframes every 2 s. */
  readonly video?: readonly string[] | null;
  readonly audio?: readonly string[] | null;
}

export interface Publisher {
  readonly ended: Promise<{ readonly exitCode: number; readonly output: string; readonly seconds: number }>;
  stop(): Promise<void>;
}

export const picture = (source = "testsrc", codec: readonly string[] = h264()): readonly string[] => [
  ...["-re", "-f", "lavfi", "-i", `${source}${source.includes("=") ? ":" : "="}size=320x180:rate=15`],
  ...codec,
];
export const h264 = (keyEvery = 30): readonly string[] => [
  ...["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-pix_fmt", "yuv420p"],
  ...["-g", `${keyEvery}`, "-keyint_min", `${keyEvery}`, "-sc_threshold", "0"],
];
const sine = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];

const instance = "live-ingest-1";

/** @param segmentsMiB size of the disk of segments */
export async function ingestBench({ segmentsMiB = 256 } = {}): Promise<IngestBench> {
  const bench = await Bench.open();
  const image = (await readyImages(bench.engine, ["live-ingest"])).get("live-ingest")?.tag ?? "";
  const [server, viewer] = await Promise.all([bench.identity("live-app-1"), bench.identity("live-edge-1")]);
  const app = await standIn(pem(server));
  const studio = await bench.run("studio", {
    image,
    uid: 10009,
    options: ["--entrypoint", "/bin/sleep"],
    command: ["3600"],
  });
  const settings: IngestSettings = {
    instance,
    fragmentSeconds: 3,
    playlistSeconds: 60,
    keepEndedSeconds: 60,
    chunkSize: 4096,
    connections: 512,
    originConnections: 512,
    originWorkers: 1,
    ladders: 1,
    ladderThreads: 1,
    applications: [{ host: await gateway(), port: app.port, serverName: "live-app-1" }],
    stores: {},
  };
  const ingest = await bench.run(instance, {
    image,
    uid: 10009,
    config: ingestFiles(settings),
    options: [
      ...["--add-host", "auth-server.local:127.0.0.1"],
      ...["--tmpfs", `/run/hls:mode=0700,size=${segmentsMiB}m,uid=10009,gid=10009`],
    ],
  });
  await ingest.untilHealthy(30_000);
  const address = await ingest.address();
  const identity = pem(viewer);

  const get: IngestBench["get"] = (path, { certificate = true, port = 8080 } = {}) =>
    new Promise((resolve, reject) => {
      const asked = request(
        {
          ...(certificate ? identity : { ca: identity.ca }),
          ...{ host: address, port, path, servername: instance, agent: false, timeout: 5_000 },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("error", reject);
          response.on("end", () => {
            const body = Buffer.concat(parts);
            const { headers, statusCode = 0 } = response;
            resolve({
              status: statusCode,
              type: String(headers["content-type"]),
              headers,
              body,
              text: body.toString(),
            });
          });
        },
      );
      asked.on("timeout", () => asked.destroy(new Error(`${path}: no answer`)));
      asked.on("error", reject);
      asked.end();
    });

  return {
    ...{ bench, app, ingest, studio, address, settings, get },
    state: async () => JSON.parse((await get("/v1/state", { port: 9443 })).text) as State,
    publish,
    async close() {
      await bench.close();
      await app.close();
    },
  };

  function publish(options: PublishOptions): Publisher {
    const { room, query = "key=right", seconds, tls = false } = options;
    const { video = picture(), audio = sine } = options;
    const target = tls ? `rtmps://${instance}:1936/live` : `rtmp://${instance}:1935/live`;
    const began = Date.now();
    // Its number is written down: a process in a container is ended by it.
    const mark = `/tmp/${room}-${began}.pid`;
    const args = [
      ...["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning"],
      // Inputs come before what is done with them.
      ...inputs(video),
      ...inputs(audio),
      ...codecs(video),
      ...(audio === null ? [] : ["-c:a", "aac", "-b:a", "64k"]),
      ...(tls ? ["-ca_file", "/secrets/studio/current/ca.crt"] : []),
      ...["-t", `${seconds}`, "-f", "flv", `${target}/${room}${query === "" ? "" : `?${query}`}`],
    ];
    const ended = studio
      .exec("sh", "-c", `echo $$ >${mark}; exec "$@"`, "publish", ...args)
      .then(({ exitCode, stdout, stderr }) => ({
        exitCode,
        output: `${stdout}${stderr}`,
        seconds: (Date.now() - began) / 1000,
      }));
    return {
      ended,
      async stop() {
        await studio.exec("sh", "-c", `kill -INT $(cat ${mark})`);
        await ended;
      },
    };
  }

  async function gateway(): Promise<string> {
    const { NetworkSettings } = (await bench.engine.api(`/containers/${studio.name}/json`)) as {
      readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly Gateway: string }>> };
    };
    return Object.values(NetworkSettings.Networks)[0]?.Gateway ?? "";
  }
}

const inputEnd = (options: readonly string[]): number => options.lastIndexOf("-i") + 2;
const inputs = (options: readonly string[] | null): readonly string[] =>
  options === null ? [] : options.slice(0, inputEnd(options));
const codecs = (options: readonly string[] | null): readonly string[] =>
  options === null ? [] : options.slice(inputEnd(options));

const pem = (files: Readonly<Record<string, string>>) => ({
  key: files["tls.key"] ?? "",
  cert: files["tls.crt"] ?? "",
  ca: files["ca.crt"] ?? "",
});

/** Waits until something holds. @throws after `withinMs` */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 15_000,
): Promise<T> {
  for (const end = Date.now() + withinMs; Date.now() < end; ) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`not within ${withinMs} ms: ${what}`);
}
