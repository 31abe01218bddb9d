/** One HTTPS request of JSON, over mutual TLS as whoever asks: the agent, or the operator. */

import { buildConnector, Client } from "undici";
import { messageOf } from "../errors.ts";
import { withLimit } from "../time-limit.ts";
import { patiently } from "./patience.ts";
import type { Address, Ctx } from "./service.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The same as it came: media is no text. */
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** SHA-256 (hex, lower case) of the certificate that answered. */
  readonly fingerprint: string;
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

/** @param name said in errors @throws with the cause when nothing answers within the time, or another server than the one that is meant */
export async function askAt(ctx: Asker, name: string, address: Address, question: Question): Promise<Answer> {
  const { method = "GET", path, headers = {}, body, timeoutMs = patiently(ctx, defaultTimeoutMs) } = question;
  const { ca, cert, key } = await ctx.secrets.identity();
  let fingerprint = "";
  const connect = buildConnector({
    ca,
    ...(question.anonymous === true ? {} : { cert, key }),
    minVersion: "TLSv1.2",
    timeout: timeoutMs,
  });
  const client = new Client(
    `https://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`,
    {
      connect: (options, callback) =>
        // Whom TLS is to show is not the question's `host`, which undici takes before the connector's own.
        connect({ ...options, servername: address.serverName }, (error, socket) => {
          if (error !== null) return callback(error, null);
          if ("getPeerCertificate" in socket)
            fingerprint = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
          callback(null, socket);
        }),
    },
  );
  try {
    return await withLimit(ctx.signal, timeoutMs, async (signal) => {
      const answer = await client.request({
        method,
        path,
        signal,
        headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      return {
        status: answer.statusCode,
        text: bytes.toString(),
        bytes,
        headers: answer.headers,
        fingerprint,
      };
    });
  } catch (error) {
    throw new Error(`${name} does not answer: ${messageOf(error)}`);
  } finally {
    client.destroy().catch(() => undefined);
  }
}
