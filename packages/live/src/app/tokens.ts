/** Users' access tokens: JSON Web Tokens signed by HS256 (RFC 7519, RFC 7515), with a key that the issuer shares. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { LiveError } from "./errors.ts";

export const roles = ["viewer", "streamer"] as const;

const claims = z
  .object({
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string())]),
    sub: z.string().min(1).max(128),
    /** Unix seconds. */
    exp: z.number(),
    nbf: z.number().optional(),
    role: z.enum(roles),
    /** Whose rooms a streamer manages. */
    merchant: z.string().min(1).max(64).optional(),
  })
  .refine(({ role, merchant }) => role !== "streamer" || merchant !== undefined);

export interface User {
  readonly subject: string;
  readonly role: (typeof roles)[number];
  /** Every streamer has one. */
  readonly merchant?: string | undefined;
}

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
}

/** Clocks of issuer and application may differ by this much. */
const leewaySeconds = 5;
/** No token of ours is longer; what is, is not even decoded. */
const longest = 4_096;

const header = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT" })).toString("base64url");

/** A token for a user, valid until `expiresAt` (ms). */
export function issueToken(user: User, expiresAt: number, rules: TokenRules, key: string): string {
  const { subject, role, merchant } = user;
  return signToken(
    {
      iss: rules.issuer,
      aud: rules.audience,
      sub: subject,
      exp: Math.floor(expiresAt / 1_000),
      role,
      ...(merchant === undefined ? {} : { merchant }),
    },
    key,
  );
}

/** Claims (RFC 7519, 4) as a token by HS256. */
export function signToken(payload: object, key: string): string {
  const signed = `${header}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}`;
  return `${signed}.${signatureOf(signed, key).toString("base64url")}`;
}

/**
 * @param keys the present one, and the previous one while it is being rotated
 * @param now ms
 * @throws TOKEN_WRONG
 */
export function readToken(token: string, keys: readonly string[], rules: TokenRules, now: number): User {
  const [head = "", body = "", signature = "", ...rest] = token.length > longest ? [] : token.split(".");
  if (rest.length > 0 || head === "" || body === "" || signature === "") throw wrong("not a token");
  const { alg, crit } = objectOf(head);
  // The algorithm is ours, not the token's: `none` or a public key taken for a secret must not decide.
  if (alg !== "HS256" || crit !== undefined) throw wrong("another algorithm");
  const given = Buffer.from(signature, "base64url");
  const isOurs = keys.some((key) => {
    const expected = signatureOf(`${head}.${body}`, key);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!isOurs) throw wrong("another key");
  const parsed = claims.safeParse(objectOf(body));
  if (!parsed.success) throw wrong("its claims are not those of a user");
  const { iss, aud, sub, exp, nbf, role, merchant } = parsed.data;
  if (iss !== rules.issuer || ![aud].flat().includes(rules.audience)) throw wrong("made for another place");
  const seconds = now / 1_000;
  if (seconds >= exp + leewaySeconds) throw wrong("expired");
  if (nbf !== undefined && seconds < nbf - leewaySeconds) throw wrong("not valid yet");
  return { subject: sub, role, merchant };
}

const wrong = (detail: string) => new LiveError("TOKEN_WRONG", detail);

const signatureOf = (signed: string, key: string): Buffer =>
  createHmac("sha256", key).update(signed).digest();

function objectOf(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw wrong("not a token");
}
