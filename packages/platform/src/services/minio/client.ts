/** A short-lived, verified HTTPS connection to one node, and requests on it that are signed (AWS Signature, version 4). */

import { createHash } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { AwsV4Signer } from "aws4fetch";
import { Client } from "undici";
import { type MallError, messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { connector, hostOf } from "../kept-pool.ts";
import { patiently } from "../patience.ts";
import type { Address, Ctx } from "../service.ts";
import { minioError } from "./errors.ts";
import { ports, region, rootSecret, rootUser } from "./names.ts";

export interface Login {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Begins with `/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Node {
  readonly instance: InstanceName;
  /** SHA-256 (hex, lower case) of the certificate that the node served. */
  fingerprint(): string;
  /** Without a login the request goes unsigned. @throws MINIO_UNREACHABLE */
  send(request: Request, login?: Login): Promise<Answer>;
}

/** An answer takes some milliseconds; one that waits for a peer that is gone takes as long as that is doubted. */
const defaultTimeoutMs = 3_000;

/** The root user with its present password, and with the one before while a rotation goes on. */
export async function rootLogins(ctx: Pick<Ctx, "secrets">): Promise<readonly Login[]> {
  const previous = await ctx.secrets.previous(rootSecret.id);
  return [await ctx.secrets.value(rootSecret.id), ...(previous === undefined ? [] : [previous])].map(
    (secretKey) => ({ accessKey: rootUser, secretKey }),
  );
}

/** Runs `work` on a connection to the node. @throws what `work` throws */
export async function withNode<T>(
  ctx: Ctx,
  instance: InstanceName,
  work: (node: Node) => Promise<T>,
  options: { readonly timeoutMs?: number } = {},
): Promise<T> {
  return withAddress(ctx, instance, ctx.net.address(instance, ports.s3.name), work, options);
}

/** The same to an endpoint, behind which any node may answer. */
export async function withAddress<T>(
  ctx: Ctx,
  name: string,
  address: Address,
  work: (node: Node) => Promise<T>,
  options: { readonly timeoutMs?: number } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? patiently(ctx, defaultTimeoutMs);
  let fingerprint = "";
  const tls = connector(address, await ctx.secrets.identity(), timeoutMs);
  const client = new Client(`https://${hostOf(address)}`, {
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: (options, callback) =>
      tls(options, (...result) => {
        const [error, socket] = result;
        // Empty for a socket that was closed in the same moment.
        if (error === null) {
          const served = (socket as TLSSocket).getPeerCertificate().fingerprint256 ?? "";
          fingerprint = served.replaceAll(":", "").toLowerCase();
        }
        callback(...result);
      }),
  });
  const host = `${address.serverName}:${address.port}`;
  // One listener a connection, not one a request: a look at the cluster asks a dozen things at once.
  const onAbort = () => void client.destroy();
  ctx.signal.addEventListener("abort", onAbort, { once: true });
  try {
    ctx.signal.throwIfAborted();
    return await work({
      instance: name,
      fingerprint: () => fingerprint,
      send: (request, login) => send(client, name, host, request, login),
    });
  } finally {
    ctx.signal.removeEventListener("abort", onAbort);
    await client.destroy();
  }
}

async function send(
  client: Client,
  instance: string,
  host: string,
  request: Request,
  login: Login | undefined,
): Promise<Answer> {
  const { path, headers } = await signed(host, request, login);
  try {
    const answer = await client.request({
      method: request.method,
      path,
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  } catch (error) {
    throw minioError.MINIO_UNREACHABLE({ instance, cause: messageOf(error) }, error);
  }
}

async function signed(
  host: string,
  request: Request,
  login: Login | undefined,
): Promise<{ readonly path: string; readonly headers: Record<string, string> }> {
  const url = new URL(`https://${host}${request.path}`);
  for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
  const headers = { ...request.headers };
  if (login === undefined) return { path: `${url.pathname}${url.search}`, headers: { ...headers, host } };
  const digest = createHash("sha256")
    .update(request.body ?? "")
    .digest("hex");
  const result = await new AwsV4Signer({
    method: request.method,
    url: url.toString(),
    headers: { ...headers, "x-amz-content-sha256": digest },
    service: "s3",
    region,
    accessKeyId: login.accessKey,
    secretAccessKey: login.secretKey,
  }).sign();
  return {
    path: `${result.url.pathname}${result.url.search}`,
    headers: { ...Object.fromEntries(result.headers), host },
  };
}

/** @throws MINIO_REFUSED unless the status is one of success or of `also` */
export async function ask(
  node: Node,
  request: Request,
  login: Login | undefined,
  also: readonly number[] = [],
): Promise<Answer> {
  const answer = await node.send(request, login);
  if ((answer.status >= 200 && answer.status < 300) || also.includes(answer.status)) return answer;
  throw refusal(node, request, answer);
}

export const refusal = (node: Node, request: Request, answer: Answer): MallError =>
  minioError.MINIO_REFUSED({
    instance: node.instance,
    request: `${request.method} ${request.path}`,
    status: answer.status,
    answer: codeOf(answer),
  });

/** The error's code in S3's XML or the admin API's JSON, such as `NoSuchBucket`; else how the answer begins. */
export function codeOf(answer: Answer): string {
  const body = answer.body.toString("utf8");
  const code = /<Code>([^<]+)<\/Code>/.exec(body)?.[1] ?? /"Code"\s*:\s*"([^"]+)"/.exec(body)?.[1];
  return code ?? (body.slice(0, 120) || "no reason given");
}
