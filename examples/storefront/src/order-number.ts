/**
 * Order numbers: the day in China and 50 bits of the idempotency key, `20261124-7K3M9-QPX4T`.
 * Derived, not drawn: a retry of the same request writes the same number. 50 bits over one day's orders make
 * a collision one in ten million at 10,000 orders a day (n²/2^51); then the unique index refuses the second
 * and {@link orderNumber} is asked again with the next `attempt`.
 */
import { createHash } from "node:crypto";

/** Crockford's base 32: no I, L, O, U, so that a number read over the telephone stays what it was. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const chinaOffsetMs = 8 * 3_600_000;

/** @param idempotencyKey 32 hex digits */
export function orderNumber(idempotencyKey: string, placedAtMs: number, attempt = 0): string {
  const day = chinaDay(placedAtMs).replaceAll("-", "");
  const digest = createHash("sha256").update(`${idempotencyKey}/${attempt}`).digest();
  let bits = digest.readBigUInt64BE() >> 14n;
  let text = "";
  for (let i = 0; i < 10; i += 1) {
    text = `${alphabet[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return `${day}-${text.slice(0, 5)}-${text.slice(5)}`;
}

/** The day in China, which has no summer time: `2026-11-24`. */
export const chinaDay = (ms: number): string => new Date(ms + chinaOffsetMs).toISOString().slice(0, 10);
