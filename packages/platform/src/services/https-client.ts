/** One HTTPS request of JSON, over mutual TLS as whoever asks: the agent, or the operator. */

import { Client, type Dispatcher } from "undici";
import { messageOf } from "../errors.ts";
import { withLimit } from "../time-limit.ts";
import { connector, hostOf, keptPool } from "./kept-pool.ts";
import { patiently } from "./patience.ts";
import type { Shown } from "./secure-context.ts";
import type { Address, Ctx } from "./service.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The same as it came: media is no text. */
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Question {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Shows no certificate, as users and viewers do not. */
  readonly anonymous?: true;
  readonly timeoutMs?: number;
}

/** What of a context a request needs; the command line has no more. */
export type Asker = Pick<Ctx, "net" | "secrets" | "signal" | "patience">;

/** A state is some kilobytes from memory; readiness may wait for MySQL. */
const defaultTimeoutMs = 3_000;

/** On a connection that is kept. @param name said in errors @throws with the cause when nothing answers within the time, or another server than the one that is meant */
export async function askAt(ctx: Asker, name: string, address: Address, question: Question): Promise<Answer> {
  const pool = keptPool(address, await shownBy(ctx, question));
  return send(ctx, name, pool, question);
}

/** On a connection of its own: {@link askAt}, and the SHA-256 (hex, lower case) of the certificate that answered now. */
export async function askAnew(
  ctx: Asker,
  name: string,
  address: Address,
  question: Question,
): Promise<Answer & { readonly fingerprint: string }> {
  let fingerprint = "";
  const connect = connector(address, await shownBy(ctx, question), timeoutOf(ctx, question));
  const client = new Client(`https://${hostOf(address)}`, {
    connect: (options, callback) =>
      connect(options, (error, socket) => {
        if (error !== null) return callback(error, null);
        if ("getPeerCertificate" in socket)
          fingerprint = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
        callback(null, socket);
      }),
  });
  try {
    const answer = await send(ctx, name, client, question);
    return { ...answer, fingerprint };
  } finally {
    client.destroy().catch(() => undefined);
  }
}

async function shownBy(ctx: Asker, { anonymous }: Question): Promise<Shown> {
  const { ca, ...own } = await ctx.secrets.identity();
  return anonymous === true ? { ca } : { ca, ...own };
}

const timeoutOf = (ctx: Asker, { timeoutMs = patiently(ctx, defaultTimeoutMs) }: Question): number =>
  timeoutMs;

async function send(ctx: Asker, name: string, dispatcher: Dispatcher, question: Question): Promise<Answer> {
  const { method = "GET", path, headers = {}, body } = question;
  try {
    return await withLimit(ctx.signal, timeoutOf(ctx, question), async (signal) => {
      const answer = await dispatcher.request({
        method,
        path,
        signal,
        headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      return { status: answer.statusCode, text: bytes.toString(), bytes, headers: answer.headers };
    });
  } catch (error) {
    throw new Error(`${name} does not answer: ${messageOf(error)}`);
  }
}
