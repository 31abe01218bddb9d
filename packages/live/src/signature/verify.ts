/** Judges a signature: by which key it was made, until when it is valid, or why it is refused. */
import { digestOf, type Md5, sameText, type Use } from "./digest.ts";
import { isStreamName } from "./names.ts";
import { type Dialect, expiryOf, parametersOf, queryOf } from "./query.ts";
import { shortestKey } from "./sign.ts";

/** Two, so that one can be replaced while addresses signed with the other are in use. */
export interface Keys {
  readonly primary: string;
  readonly previous?: string | undefined;
}

/**
 * - `missing`: no parameter of any dialect
 * - `malformed`: repeated, several dialects at once, incomplete, or written otherwise than the dialect writes it
 * - `altered`: made with neither key, or for another stream or another use
 * - `expired`: genuine, and past its time
 */
export type RefusalCode = "missing" | "malformed" | "expired" | "altered";

export type Verdict =
  | {
      readonly ok: true;
      readonly dialect: Dialect;
      readonly key: keyof Keys;
      /** Unix seconds; the last valid one. */
      readonly expires: number;
      /** The signature alone, as a query that can be appended to other addresses of the stream. */
      readonly query: string;
    }
  | { readonly ok: false; readonly code: RefusalCode };

export interface VerifyRequest {
  readonly use: Use;
  readonly stream: string;
  /** Raw, without `?`. */
  readonly query: string;
  readonly keys: Keys;
  /** Unix seconds. */
  readonly now: number;
}

const refused = (code: RefusalCode): Verdict => ({ ok: false, code });

export function verify({ use, stream, query, keys, now }: VerifyRequest, md5: Md5): Verdict {
  const parameters = parametersOf(query);
  if (typeof parameters === "string") return refused(parameters);
  if (!isStreamName(stream)) return refused("malformed");
  const madeWith = (key: string | undefined): boolean =>
    key !== undefined &&
    key.length >= shortestKey &&
    sameText(digestOf(parameters, use, stream, key, md5), parameters.digest);
  const key = madeWith(keys.primary) ? "primary" : madeWith(keys.previous) ? "previous" : undefined;
  if (key === undefined) return refused("altered");
  const expires = expiryOf(parameters);
  if (expires < now) return refused("expired");
  return { ok: true, dialect: parameters.dialect, key, expires, query: queryOf(parameters) };
}
