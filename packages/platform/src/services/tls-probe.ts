/** A look at a TLS server from outside: which certificate it serves now. */

import { connect, type TLSSocket } from "node:tls";
import { messageOf } from "../errors.ts";
import type { InstanceName } from "../plan/model.ts";
import { withLimit } from "../time-limit.ts";
import { patiently } from "./patience.ts";
import { type Shown, secureContextOf } from "./secure-context.ts";
import type { ServedCertificate } from "./served-certificate.ts";
import type { Address, Ctx } from "./service.ts";

/** Shakes hands with a `tls` port as the agent and reads the certificate that answered; never throws. */
export async function servedCertificate(
  ctx: Ctx,
  instance: InstanceName,
  port: string,
  timeoutMs = patiently(ctx, 3_000),
): Promise<ServedCertificate> {
  const wanted = await ctx.secrets.fingerprint(instance);
  try {
    const socket = await dialTls(ctx.net.address(instance, port), await ctx.secrets.identity(), {
      signal: ctx.signal,
      timeoutMs,
    });
    const fingerprint = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
    socket.destroy();
    return { served: { fingerprint }, wanted };
  } catch (error) {
    return { served: { error: messageOf(error) }, wanted };
  }
}

/**
 * A TLS 1.2+ connection whose server certificate was verified against the address' `serverName`.
 * @throws when it is not there within `timeoutMs`, refused, not trusted or aborted.
 */
export function dialTls(
  address: Address,
  identity: Shown,
  limits: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<TLSSocket> {
  const dial = (limit: AbortSignal) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect({
        host: address.host,
        port: address.port,
        servername: address.serverName,
        secureContext: secureContextOf(identity),
      });
      const fail = (error: Error) => {
        limit.removeEventListener("abort", onAbort);
        socket.destroy();
        reject(error);
      };
      // Covers name look-up and connecting as well, which a socket's own idle timeout does not.
      const onAbort = () =>
        fail(new Error(`no TLS connection to ${address.host}:${address.port} within ${limits.timeoutMs} ms`));
      limit.addEventListener("abort", onAbort, { once: true });
      if (limit.aborted) onAbort();
      socket.once("error", fail);
      socket.once("secureConnect", () => {
        limit.removeEventListener("abort", onAbort);
        socket.off("error", fail);
        resolve(socket);
      });
    });
  return withLimit(limits.signal, limits.timeoutMs, dial);
}

/**
 * Asks a port that wants client certificates for something, without one. With TLS 1.3 a server verifies the client's
 * certificate after the client already counts the handshake as done: the refusal is an alert at the first read.
 * @param request what a client of the port's protocol would send.
 */
export async function strangerIsRefused(
  ctx: Ctx,
  instance: InstanceName,
  port: string,
  request: string,
): Promise<{ readonly refused: boolean; readonly read: string }> {
  const { ca } = await ctx.secrets.identity();
  try {
    const timeoutMs = patiently(ctx, 3_000);
    const limits = { signal: ctx.signal, timeoutMs };
    const socket = await dialTls(ctx.net.address(instance, port), { ca }, limits);
    const read = await new Promise<string>((resolve, reject) => {
      socket.once("data", (data) => resolve(data.toString("latin1").slice(0, 80)));
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("closed without an answer")));
      socket.setTimeout(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
      socket.write(request);
    }).finally(() => socket.destroy());
    return { refused: false, read };
  } catch (error) {
    const read = reasonOf(error);
    // Only the server's own word counts: one that cannot be reached refuses everybody.
    return { refused: /alert|certificate required|closed without an answer|ECONNRESET/i.test(read), read };
  }
}

/** OpenSSL's errors carry the telling words in `reason`; their message adds addresses and source lines. */
function reasonOf(error: unknown): string {
  const reason: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, "reason") : undefined;
  return typeof reason === "string" && reason !== "" ? reason : messageOf(error);
}
