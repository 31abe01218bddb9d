/** What a port says to a client that speaks no TLS. */
import { connect } from "node:net";
import { messageOf } from "../errors.ts";
import { patiently } from "./patience.ts";
import type { Address, Ctx, PlaintextAnswer } from "./service.ts";

export type { PlaintextAnswer };

/** What clients of line-based protocols begin with; whoever takes plaintext answers at least one of these. */
const words = "GET / HTTP/1.1\r\nHost: mall\r\n\r\nPING\r\nshow info\r\n";

/** How long a server may think about it. One that has said nothing by then answers nothing. */
const waitMs = 1_000;
const connectMs = 3_000;

/** A TLS record that carries an alert: content type 21, protocol version 3.x (RFC 8446, 5.1). */
const isAlert = (data: Buffer): boolean => data[0] === 0x15 && data[1] === 0x03;

/**
 * A web server that sees a request where a handshake should begin says so in plaintext, and nothing else (Go's and
 * nginx's do). The request is a valid one: a server that took it would answer something other than 400.
 */
const isBadRequest = (data: Buffer): boolean => /^HTTP\/1\.[01] 400 /.test(data.toString("latin1"));

/** Something listens there. @throws when nothing does */
export function tcpOpen(ctx: Pick<Ctx, "signal" | "patience">, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal: ctx.signal });
    socket.setTimeout(patiently(ctx, connectMs), () => socket.destroy(new Error("no connection")));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

/** @throws when nothing listens: a closed port refuses everybody, which shows nothing. */
export function sendPlaintext(
  ctx: Pick<Ctx, "signal" | "patience">,
  address: Address,
): Promise<PlaintextAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port, signal: ctx.signal });
    let connected = false;
    const end = (refused: boolean, read: string) => {
      socket.destroy();
      resolve({ refused, read });
    };
    socket.setTimeout(patiently(ctx, connectMs), () =>
      connected ? end(true, "no answer") : reject(new Error("no connection")),
    );
    socket.once("connect", () => {
      connected = true;
      socket.setTimeout(waitMs);
      socket.write(words);
    });
    socket.once("data", (data) =>
      isAlert(data)
        ? end(true, "TLS alert")
        : isBadRequest(data)
          ? end(true, "400, a TLS handshake is expected")
          : end(false, `answered ${JSON.stringify(data.toString("latin1").slice(0, 60))}`),
    );
    socket.once("end", () => end(true, "closed"));
    socket.once("error", (error) => (connected ? end(true, `closed (${messageOf(error)})`) : reject(error)));
  });
}
