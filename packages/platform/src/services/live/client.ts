/** One request to one instance, over mutual TLS as the agent. */

import { buildConnector, Client } from "undici";
import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { withLimit } from "../../time-limit.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** SHA-256 (hex, lower case) of the certificate that answered. */
  readonly fingerprint: string;
}

/** A state is some kilobytes from memory; readiness may wait for MySQL. */
const defaultTimeoutMs = 3_000;

/** @throws with the cause when nothing answers within the time, or another server than the one that is meant */
export async function ask(
  ctx: Ctx,
  instance: InstanceName,
  port: string,
  path: string,
  timeoutMs = patiently(ctx, defaultTimeoutMs),
): Promise<Answer> {
  const address = ctx.net.address(instance, port);
  const identity = await ctx.secrets.identity();
  let fingerprint = "";
  const connect = buildConnector({
    ...identity,
    servername: address.serverName,
    minVersion: "TLSv1.2",
    timeout: timeoutMs,
  });
  const client = new Client(
    `https://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`,
    {
      connect: (options, callback) =>
        connect(options, (error, socket) => {
          if (error !== null) return callback(error, null);
          if ("getPeerCertificate" in socket)
            fingerprint = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
          callback(null, socket);
        }),
    },
  );
  try {
    return await withLimit(ctx.signal, timeoutMs, async (signal) => {
      const answer = await client.request({ method: "GET", path, signal });
      return {
        status: answer.statusCode,
        text: await answer.body.text(),
        headers: answer.headers,
        fingerprint,
      };
    });
  } catch (error) {
    throw new Error(`${instance} does not answer: ${messageOf(error)}`);
  } finally {
    client.destroy().catch(() => undefined);
  }
}
