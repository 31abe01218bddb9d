/** ZooKeeper's four-letter words over TLS: one question a connection, which the server closes after its answer. */

import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";
import { dialTls } from "../tls-probe.ts";
import { zookeeperError } from "./errors.ts";
import { ports } from "./names.ts";

export interface Answer {
  readonly text: string;
  /** SHA-256 (hex, lower case) of the certificate that the node served. */
  readonly fingerprint: string;
}

/** @throws ZOOKEEPER_UNREACHABLE */
export async function ask(
  ctx: Ctx,
  instance: InstanceName,
  word: string,
  timeoutMs = patiently(ctx, 3_000),
): Promise<Answer> {
  try {
    const address = ctx.net.address(instance, ports.client.name);
    const limits = { signal: ctx.signal, timeoutMs };
    const socket = await dialTls(address, await ctx.secrets.identity(), limits);
    const fingerprint = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
    const text = await new Promise<string>((resolve, reject) => {
      let read = "";
      socket.setTimeout(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
      socket.on("data", (data) => {
        read += data.toString("latin1");
      });
      socket.once("error", reject);
      socket.once("close", () => resolve(read));
      socket.write(word);
    }).finally(() => socket.destroy());
    if (text === "") throw new Error("closed without an answer");
    return { text, fingerprint };
  } catch (error) {
    throw zookeeperError.ZOOKEEPER_UNREACHABLE({ instance, cause: messageOf(error) }, error);
  }
}

/** Lines of `mntr`: name, tab, value. Empty while the node takes part in no quorum. */
export function parseMonitor(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const [name, value] = line.split("\t");
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}
