/** The engine's HTTP API over its own socket: 2 ms where a `docker` process takes 30. */
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";

/** How to reach an engine, from a DOCKER_HOST value. */
export type Address =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      readonly certPath: string | undefined;
    };

/**
 * Reads `unix://PATH` and `tcp://HOST:PORT`; `undefined` for what has no HTTP here (ssh, npipe, fd).
 * `certPath`: folder with ca.pem, cert.pem and key.pem, when the connection is to be TLS (docker's
 * DOCKER_TLS_VERIFY and DOCKER_CERT_PATH). Port 2376 is Docker's for TLS, 2375 for plaintext.
 */
export function parseAddress(dockerHost: string, certPath?: string): Address | undefined {
  if (dockerHost.startsWith("unix://")) return { kind: "unix", path: dockerHost.slice("unix://".length) };
  const match = /^(?:tcp|https?):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(dockerHost);
  if (match?.[1] === undefined) return undefined;
  const port = match[2] === undefined ? (certPath === undefined ? 2375 : 2376) : Number(match[2]);
  return { kind: "tcp", host: match[1].replace(/^\[|\]$/g, ""), port, certPath };
}

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "DELETE" | "HEAD";
  readonly body?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The same as it came. */
  readonly bytes: Buffer;
}

/** One request; rejects on no connection or no whole answer within `timeoutMs` (default 10 s). */
export function callApi(address: Address, path: string, options: ApiRequest = {}): Promise<ApiResponse> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const common = {
    path,
    method: options.method ?? "GET",
    headers: body === undefined ? {} : { "content-type": "application/json" },
    agent: false as const,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  return new Promise((resolve, reject) => {
    const request = open(address, common);
    const timeoutMs = options.timeoutMs ?? 10_000;
    const limit = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    request.on("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(limit);
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: bytes.toString("utf8"),
          bytes,
        });
      });
    });
    request.end(body);
  });
}

function open(
  address: Address,
  common: { readonly path: string; readonly method: string; readonly agent: false },
) {
  if (address.kind === "unix") return httpRequest({ ...common, socketPath: address.path, host: "docker" });
  const { host, port, certPath } = address;
  if (certPath === undefined) return httpRequest({ ...common, host, port });
  const pem = (name: string) => readFileSync(join(certPath, name));
  return httpsRequest({
    ...common,
    host,
    port,
    ca: pem("ca.pem"),
    cert: pem("cert.pem"),
    key: pem("key.pem"),
  });
}

export interface Ping {
  /** The newest API that the engine speaks: "1.51". */
  readonly apiVersion: string;
  /** "linux" or "windows". */
  readonly os: string;
  /** Podman answers the same API; it names itself in a header. */
  readonly isDocker: boolean;
}

/** Asks `/_ping`, which every engine since API 1.0 answers without work. Rejects when there is none. */
export async function ping(address: Address, timeoutMs: number, signal?: AbortSignal): Promise<Ping> {
  const { status, headers } = await callApi(address, "/_ping", { timeoutMs, signal });
  if (status !== 200) throw new Error(`answered ${status} to a ping`);
  const header = (name: string) => String(headers[name] ?? "");
  return {
    apiVersion: header("api-version"),
    os: header("ostype") || "linux",
    isDocker: headers["libpod-api-version"] === undefined,
  };
}

/** Whether dotted version `a` is at least `b`, number by number. */
export function versionAtLeast(a: string, b: string): boolean {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (Number.isNaN(difference)) return false;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
