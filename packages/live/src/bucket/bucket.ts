/**
 * A bucket of MinIO by the four requests that replays need. Signed by aws4fetch (Signature Version 4), path style, TLS
 * verified by the name that the settings give. Nothing is tried again here: who asks knows what it can wait for.
 */
import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { AwsV4Signer } from "aws4fetch";
import { z } from "zod";
import { accessKeyOf } from "./access-key.ts";
import { itemsOf, nextOf } from "./listing.ts";

/** The section `minio` of `ingest.json` and `live.json`. */
export const bucketSettings = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** Name that the server's certificate is verified against. */
  serverName: z.string().min(1),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/),
  /** The account's name, with which its access keys begin. */
  user: z.string().min(1),
});

export type BucketSettings = z.output<typeof bucketSettings>;

/** Read for each request, as both may be rotated. */
export interface BucketCredentials {
  /** PEM of the mall's CA. */
  readonly ca: string;
  readonly password: string;
}

export interface Item {
  readonly key: string;
  readonly bytes: number;
}

export interface Found {
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read to its end or destroyed. */
  readonly body: IncomingMessage;
}

export interface Bucket {
  put(key: string, content: Uint8Array, type: string): Promise<void>;
  /** @returns undefined where there is no such object */
  get(key: string): Promise<Found | undefined>;
  /** All objects whose key begins so, in order of their keys. */
  list(prefix: string): Promise<readonly Item[]>;
  /** Also fine where it is not there. */
  remove(key: string): Promise<void>;
  close(): void;
}

/** What MinIO answered instead of doing it: its code, such as `AccessDenied`. */
export class BucketError extends Error {
  override readonly name = "BucketError";
  constructor(
    readonly status: number,
    readonly code: string,
    action: string,
  ) {
    super(`${action}: ${status} ${code}`);
  }
}

/** Of a whole request without its answer's body: an object of a few MB takes a fraction of a second. */
const answerMs = 15_000;
/** A body that stands still for this long has failed. */
const idleMs = 10_000;
const mostConnections = 32;
const mostTextBytes = 4 * 1024 * 1024;
/** What of an answer is told on: what a player may need. */
const passedOn = ["content-length", "content-type", "etag", "last-modified"];

export function openBucket(
  settings: BucketSettings,
  credentials: () => BucketCredentials | Promise<BucketCredentials>,
): Bucket {
  const origin = `https://${settings.host}:${settings.port}`;
  let trusted: { readonly ca: string; readonly agent: Agent } | undefined;
  const signing = new Map<string, ArrayBuffer>();

  const agentFor = (ca: string): Agent => {
    if (trusted?.ca !== ca) {
      trusted?.agent.destroy();
      trusted = {
        ca,
        agent: new Agent({ ca, keepAlive: true, maxSockets: mostConnections, minVersion: "TLSv1.2" }),
      };
    }
    return trusted.agent;
  };

  const send = async (
    method: string,
    path: string,
    { body, headers = {} }: { readonly body?: Uint8Array; readonly headers?: Record<string, string> } = {},
  ): Promise<IncomingMessage> => {
    const { ca, password } = await credentials();
    // A day's signing key is made once; another password has another entry.
    if (signing.size > 8) signing.clear();
    const signed = await new AwsV4Signer({
      ...{ method, headers, url: `${origin}/${settings.bucket}${path}` },
      ...{ accessKeyId: accessKeyOf(settings.user, password), secretAccessKey: password },
      ...{ service: "s3", region: "us-east-1", cache: signing },
    }).sign();
    const options = {
      ...{ agent: agentFor(ca), host: settings.host, port: settings.port, method },
      servername: settings.serverName,
      path: `${signed.url.pathname}${signed.url.search}`,
      headers: {
        ...Object.fromEntries(signed.headers),
        ...(body === undefined ? {} : { "content-length": body.length }),
      },
    };
    // A connection that was kept open may have been closed by the server in this very moment.
    return ask(options, body).catch((error: unknown) => {
      if (error instanceof StaleConnection) return ask(options, body);
      throw error;
    });
  };

  /** The answer's text. @throws BucketError where it is no success */
  const done = async (action: string, response: IncomingMessage): Promise<string> => {
    const text = await textOf(response);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw new BucketError(status, codeOf(text), action);
    return text;
  };

  return {
    async put(key, content, type) {
      await done("put", await send("PUT", `/${key}`, { body: content, headers: { "content-type": type } }));
    },
    async get(key) {
      const response = await send("GET", `/${key}`);
      const status = response.statusCode ?? 0;
      if (status !== 200) {
        const code = codeOf(await textOf(response));
        if (code === "NoSuchKey") return undefined;
        throw new BucketError(status, code, "get");
      }
      const headers = passedOn.flatMap((name) => {
        const value = response.headers[name];
        return typeof value === "string" ? [[name, value] as const] : [];
      });
      return { headers: Object.fromEntries(headers), body: response };
    },
    async list(prefix) {
      const all: Item[] = [];
      for (let after: string | undefined = ""; after !== undefined; ) {
        const query = new URLSearchParams({ "list-type": "2", prefix });
        if (after !== "") query.set("continuation-token", after);
        const text = await done("list", await send("GET", `?${query}`));
        all.push(...itemsOf(text));
        after = nextOf(text);
      }
      return all;
    },
    async remove(key) {
      await done("remove", await send("DELETE", `/${key}`));
    },
    close() {
      trusted?.agent.destroy();
    },
  };
}

class StaleConnection extends Error {}

function ask(options: RequestOptions, body: Uint8Array | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      clearTimeout(timer);
      response.setTimeout(idleMs, () => response.destroy(new Error("the answer stands still")));
      resolve(response);
    });
    const timer = setTimeout(() => asked.destroy(new Error("no answer in time")), answerMs);
    asked.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const isStale = asked.reusedSocket && error.code === "ECONNRESET";
      reject(isStale ? new StaleConnection(error.message) : error);
    });
    asked.end(body);
  });
}

const codeOf = (text: string): string => /<Code>([A-Za-z0-9]+)<\/Code>/.exec(text)?.[1] ?? "unknown";

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (piece: string) => {
      text += piece;
      if (text.length > mostTextBytes) response.destroy(new Error("an answer without end"));
    });
    response.on("error", reject);
    response.on("end", () => resolve(text));
  });
}
