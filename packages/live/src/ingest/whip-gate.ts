/**
 * Where ffmpeg's WHIP muxer publishes to (RFC 9725). It can neither verify a server by the mall's CA nor keep a token out
 * of its arguments, so it asks this one, on the loopback of the container, which asks LiveKit by verified TLS with the
 * stream's newest token. The muxer takes the first address for UDP that it is told; LiveKit tells what browsers reach it
 * by, and here it is replaced by the one that it was asked at.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { request } from "node:https";
import type { IngestConfig } from "./config.ts";
import type { Identity } from "./secrets.ts";

export interface WhipGateOptions {
  readonly livekit: NonNullable<IngestConfig["livekit"]>;
  readonly identity: () => Pick<Identity, "ca">;
  /** undefined: the stream is not to be seen now. */
  readonly tokenOf: (stream: string) => string | undefined;
}

const mostBytes = 65_536;
const timeoutMs = 5_000;
const remote = "/whip/v1";

/** Takes `/<stream>`; to listen on the loopback alone. */
export const whipGate = (options: WhipGateOptions): Server =>
  createServer((asked, answer) => {
    serve(options, asked, answer).catch(() => {
      if (!answer.headersSent) answer.writeHead(502);
      answer.end();
    });
  });

async function serve(
  options: WhipGateOptions,
  asked: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const [, stream = "", session] = /^\/([a-z0-9_-]+)(?:\/([A-Za-z0-9_-]+))?$/.exec(asked.url ?? "") ?? [];
  const token = options.tokenOf(stream);
  const isKnown = asked.method === (session === undefined ? "POST" : "DELETE");
  if (token === undefined || !isKnown) return void answer.writeHead(404).end();
  const got = await forward(options, {
    method: asked.method ?? "",
    path: session === undefined ? remote : `${remote}/${session}`,
    type: asked.headers["content-type"] ?? "application/sdp",
    token,
    body: await read(asked),
  });
  const made = got.location?.split("/").at(-1);
  const body = reachable(got.body, got.address);
  answer.writeHead(got.status, {
    // The muxer reads to the end, and takes a connection that is kept, or pieces, for a failure.
    ...{ "content-length": Buffer.byteLength(body), connection: "close" },
    ...(got.type === undefined ? {} : { "content-type": got.type }),
    ...(made === undefined ? {} : { location: `/${stream}/${made}` }),
  });
  answer.end(body);
}

/** Pure. The answer's candidates (RFC 8839, 5.1) at this address, those for UDP alone. */
export function reachable(sdp: string, address: string): string {
  return sdp
    .split("\r\n")
    .flatMap((line) => {
      if (!line.startsWith("a=candidate:")) return line;
      const words = line.split(" ");
      if (words[2]?.toLowerCase() !== "udp") return [];
      return [...words.slice(0, 4), address, ...words.slice(5)].join(" ");
    })
    .join("\r\n");
}

interface Got {
  readonly status: number;
  readonly type: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
  /** Of whoever answered. */
  readonly address: string;
}

function forward(
  { livekit, identity }: WhipGateOptions,
  asked: {
    readonly method: string;
    readonly path: string;
    readonly type: string;
    readonly token: string;
    readonly body: string;
  },
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        ...{ host: livekit.host, port: livekit.port, servername: livekit.serverName, agent: false },
        ...{ ca: identity().ca, minVersion: "TLSv1.2", method: asked.method, path: asked.path },
        headers: {
          authorization: `Bearer ${asked.token}`,
          "content-type": asked.type,
          "content-length": Buffer.byteLength(asked.body),
        },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        const address = response.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
        read(response).then(
          (body) =>
            resolve({
              status: response.statusCode ?? 502,
              type: response.headers["content-type"],
              location: response.headers.location,
              ...{ body, address },
            }),
          reject,
        );
      },
    );
    asking.on("error", reject);
    asking.end(asked.body);
  });
}

async function read(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of message.setEncoding("utf8")) {
    text += piece;
    if (text.length > mostBytes) throw new Error("a message without end");
  }
  return text;
}
