/** A live edge in front of stand-ins, and clients that ask it in every protocol it speaks. */
import { readFile } from "node:fs/promises";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { type Agent, request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { edgeConfiguration } from "../../packages/platform/src/services/live/edge-config.ts";
import type { EdgeConfig } from "../../packages/platform/src/services/live/edge-spec.ts";
import type { Bench, Container } from "./standalone.ts";

export const key = "the-key-that-signs-now-0123456789";
export const ports = { https: 8443, status: 9443, probe: 9080 } as const;

const edgeConfig: EdgeConfig = {
  instance: "edge",
  origin: { name: "live-ingest", servers: ["origin-1", "origin-2"].map((host) => ({ host, port: 8080 })) },
  app: { name: "live-app", servers: [{ host: "app", port: 8443 }] },
  ports,
  publicPort: ports.https,
  referers: ["shop.example", "*.partner.example"],
  allowEmptyReferer: true,
  trustedProxies: [],
  workers: 2,
  workerConnections: 1024,
  cacheBytes: 64 * 2 ** 20,
  viewers: 2_000,
  mediaRate: { perSecond: 0, burst: 0 },
  apiRate: { perSecond: 5, burst: 10 },
};

/** @param over of its configuration */
export const startEdge = (bench: Bench, image: string, over: Partial<EdgeConfig> = {}): Promise<Container> =>
  bench.run("edge", {
    image,
    uid: 10010,
    config: { "nginx.conf": edgeConfiguration({ ...edgeConfig, ...over }) },
    secrets: { "play.key": key },
  });

/** A stand-in: with streams an ingest's origin, without the application. Its certificate has the shared name as well. */
export async function startBehind(
  bench: Bench,
  image: string,
  name: string,
  streams = "",
): Promise<Container> {
  const program = await readFile(join(import.meta.dirname, "../fixtures/live-origin.mjs"), "utf8");
  const shared = streams === "" ? "live-app" : "live-ingest";
  return bench.run(name, {
    image,
    uid: 10004,
    config: { "origin.mjs": program },
    secrets: await bench.identity(shared),
    environment: { ORIGIN_STREAMS: streams, ORIGIN_PORT: streams === "" ? "8443" : "8080" },
    options: ["--entrypoint", "node"],
    command: [`/config/${name}/origin.mjs`],
  });
}

/** What a stand-in was asked so far. */
export async function askedOf(
  container: Container,
): Promise<readonly { readonly url: string; readonly headers: IncomingHttpHeaders; readonly by?: string }[]> {
  return (await container.logs())
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly protocol: string;
}

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly identity?: Identity;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

/** Clients of the edge at this address. */
export class Client {
  constructor(
    readonly host: string,
    private readonly ca: string,
    /** Name in the edge's certificate. */
    private readonly name = "edge",
  ) {}

  /** HTTP/1.1. */
  get(
    path: string,
    { method = "GET", headers = {}, port = 8443, identity, agent }: Ask = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          ...{ host: this.host, port, path, method, headers: { host: this.name, ...headers } },
          ...{ ca: this.ca, servername: this.name, agent: agent ?? false, timeout: 20_000, ...identity },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(parts).toString("utf8"),
              protocol: `h${response.httpVersion}`,
            }),
          );
        },
      );
      asked.on("timeout", () => asked.destroy(new Error(`no answer to ${path}`)));
      asked.on("error", reject);
      asked.end();
    });
  }

  /** All paths at once over one HTTP/2 connection. */
  async getHttp2(paths: readonly string[]): Promise<readonly Answer[]> {
    const session = connectHttp2(`https://${this.host}:8443`, { ca: this.ca, servername: "edge" });
    session.setMaxListeners(paths.length + 10);
    try {
      return await Promise.all(
        paths.map(
          (path) =>
            new Promise<Answer>((resolve, reject) => {
              session.once("error", reject);
              const stream = session.request({ ":path": path, ":authority": "edge" });
              let headers: IncomingHttpHeaders = {};
              const parts: Buffer[] = [];
              stream.on("response", (got) => {
                headers = got;
              });
              stream.on("data", (part: Buffer) => parts.push(part));
              stream.on("error", reject);
              stream.on("end", () =>
                resolve({
                  status: Number(headers[":status"]),
                  headers,
                  body: Buffer.concat(parts).toString("utf8"),
                  protocol: session.alpnProtocol ?? "",
                }),
              );
            }),
        ),
      );
    } finally {
      session.close();
    }
  }

  /** Bytes that come back when plain HTTP is spoken to a port, until the other side hangs up. */
  plaintext(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      let bytes = 0;
      const socket = connect({ host: this.host, port }, () =>
        socket.write("GET /live/room.m3u8 HTTP/1.1\r\nHost: edge\r\n\r\n"),
      );
      socket.setTimeout(5_000, () => socket.destroy(new Error("it keeps the connection")));
      socket.on("data", (part) => {
        bytes += part.length;
      });
      socket.on("error", reject);
      socket.on("close", (failed) => (failed ? undefined : resolve(bytes)));
    });
  }
}
