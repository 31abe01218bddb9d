/**
 * The two nginx beside the supervisor. One takes RTMP and is never reloaded: a reload leaves its publishers to a worker
 * that no hook speaks of. The other serves segments and ends TLS; a reload gives it new certificates, and its old worker
 * keeps the connections that it has.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";

export interface Nginx {
  readonly name: string;
  readonly gone: Promise<string>;
  /** Takes up configuration and certificates anew. */
  reload(): void;
  /** Cuts connections: `quit` would wait for publishers. */
  stop(): void;
}

export function startNginx(name: string, configuration: string): Nginx {
  const child: ChildProcess = spawn(
    "nginx",
    ["-e", "stderr", "-c", configuration, "-g", "daemon off;"],
    // Its logs are ours: it writes them to /dev/stdout and /dev/stderr.
    { stdio: ["ignore", "inherit", "inherit"], env: { PATH: process.env.PATH } },
  );
  const gone = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return { name, gone, reload: () => child.kill("SIGHUP"), stop: () => child.kill("SIGTERM") };
}

const askMs = 2_000;

/** GET on a local socket. @throws without an answer of 200 within 2 s */
export function askSocket(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: askMs, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${response.statusCode}`)),
      );
    });
    asked.on("timeout", () => asked.destroy(new Error(`${path}: no answer within ${askMs} ms`)));
    asked.on("error", reject);
    asked.end();
  });
}

/**
 * Cuts the publisher of a stream that has this number (ngx_rtmp_control_module; `drop/client` answers 500 in 1.2.2, its
 * comparison looks at another word). @returns how many were cut
 */
export async function dropPublisher(socket: string, stream: string, clientId: string): Promise<number> {
  return Number(
    await askSocket(socket, `/control/drop/publisher?app=live&name=${stream}&clientid=${clientId}`),
  );
}

export interface Received {
  readonly video: Flow;
  readonly audio: Flow;
}

export interface Flow {
  /** Bits came within the module's last ten seconds. */
  readonly flows: boolean;
  /**
   * The module's name of it, as soon as the first packet came. Of enhanced RTMP it takes the kind of packet for a codec's
   * number: HEVC and AV1 are `Jpeg` or `ScreenVideo` by its word, and Opus has none.
   */
  readonly codec: string | undefined;
}

/** What a stream's publisher sends (ngx_rtmp_stat_module, ngx_rtmp_codec_module). */
export async function received(socket: string, stream: string): Promise<Received> {
  return receivedOf(await askSocket(socket, "/stat"), stream);
}

export function receivedOf(text: string, stream: string): Received {
  const streams = text.split(/<stream>\s*/).slice(1);
  const own = streams.find((each) => each.startsWith(`<name>${stream}</name>`)) ?? "";
  const flow = (kind: "video" | "audio"): Flow => {
    const [, described = ""] = new RegExp(`<${kind}>(.*?)</${kind}>`, "s").exec(own) ?? [];
    return {
      flows: Number(new RegExp(`<bw_${kind}>(\\d+)<`).exec(own)?.[1] ?? 0) > 0,
      codec: /<codec>([^<]+)<\/codec>/.exec(described)?.[1],
    };
  };
  return { video: flow("video"), audio: flow("audio") };
}
