/**
 * Pictures in the S3 store, by presigned addresses: whoever holds one may put or get that one object for some
 * minutes, without any key (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
 */
import { messageOf } from "@mallstack/platform/src/errors.ts";
import { AwsClient } from "aws4fetch";
import { Agent } from "undici";
import { caOf, type PicturesSettings, passwordOf } from "../connect.ts";

export interface PictureStore {
  /** An address to which the picture may be PUT, with this very type. */
  uploadUrl(key: string, contentType: string): Promise<string>;
  /** An address from which it may be GET. */
  viewUrl(key: string, seconds?: number): Promise<string>;
  /** @throws PicturesUnavailable */
  put(url: string, contentType: string, body: Buffer): Promise<void>;
  /** @returns undefined when there is no such object. @throws PicturesUnavailable */
  get(url: string): Promise<Picture | undefined>;
  close(): Promise<void>;
}

export interface Picture {
  readonly contentType: string;
  readonly body: Buffer;
}

export class PicturesUnavailable extends Error {
  override readonly name = "PicturesUnavailable";
}

/** Given to every mall by its default specification. */
export const bucket = "products";
const uploadSeconds = 300;
export const viewSeconds = 600;
const requestTimeoutMs = 10_000;
const firstPauseMs = 150;
const longestPauseMs = 3_000;

/**
 * A node that is away, or too few of them for a moment, is waited for.
 * @param withinMs how long a request is tried again
 */
export function pictureStore(settings: PicturesSettings, withinMs: number): PictureStore {
  const { endpoint, region, serverName } = settings;
  const ca = caOf(settings);
  const agent = new Agent({
    connections: 16,
    connect: {
      timeout: 3_000,
      ...(ca === undefined ? {} : { ca }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    },
  });

  const sign = async (
    method: "GET" | "PUT",
    key: string,
    seconds: number,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> => {
    // Read anew each time: the secret may have been rotated.
    const signer = new AwsClient({
      accessKeyId: settings.user ?? "",
      secretAccessKey: passwordOf(settings) ?? "",
      service: "s3",
      region,
    });
    const url = new URL(`${endpoint}/${bucket}/${key}`);
    url.searchParams.set("X-Amz-Expires", String(seconds));
    const aws = { signQuery: true, allHeaders: true };
    const signed = await signer.sign(url.href, { method, headers: { ...headers }, aws });
    return signed.url;
  };

  const send = async (
    url: string,
    method: "GET" | "PUT",
    more: { readonly headers?: Record<string, string>; readonly body?: Buffer } = {},
  ) => {
    const { origin, pathname, search } = new URL(url);
    const end = Date.now() + withinMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
      let last: string;
      try {
        const signal = AbortSignal.timeout(requestTimeoutMs);
        const response = await agent.request({
          origin,
          path: `${pathname}${search}`,
          method,
          signal,
          ...more,
        });
        const body = Buffer.from(await response.body.arrayBuffer());
        if (response.statusCode < 500)
          return { status: response.statusCode, headers: response.headers, body };
        last = `${response.statusCode} ${codeOf(body)}`;
      } catch (error) {
        last = messageOf(error);
      }
      if (Date.now() + pauseMs > end) throw new PicturesUnavailable(last);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };

  return {
    uploadUrl: (key, contentType) => sign("PUT", key, uploadSeconds, { "content-type": contentType }),
    viewUrl: (key, seconds = viewSeconds) => sign("GET", key, seconds),
    put: async (url, contentType, body) => {
      const answer = await send(url, "PUT", { headers: { "content-type": contentType }, body });
      if (answer.status !== 200) throw new Error(`PUT: ${answer.status} ${codeOf(answer.body)}`);
    },
    get: async (url) => {
      const answer = await send(url, "GET");
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw new Error(`GET: ${answer.status} ${codeOf(answer.body)}`);
      return { contentType: String(answer.headers["content-type"] ?? ""), body: answer.body };
    },
    close: () => agent.close(),
  };
}

/** The `<Code>` of S3's XML. */
const codeOf = (body: Buffer): string => /<Code>([^<]*)/.exec(body.toString("utf8"))?.[1] ?? "";
