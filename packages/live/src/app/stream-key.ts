/**
 * Stream keys at rest: sealed, so that signed push addresses can be made and verified, and hashed, so that a key is
 * found without opening any. A copy of the database alone gives neither keys nor addresses.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomInt } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
export const keyLength = 32;
/** Fewer characters in seal.key could be guessed. */
const shortestSecret = 32;
const cipher = "aes-256-gcm";
const [ivBytes, tagBytes] = [12, 16];

const randomText = (length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");

/** 32 × [A-Za-z0-9], 190 random bits. */
export const newStreamKey = (): string => randomText(keyLength);

/** Names a key to people and programs; tells nothing of it. */
export const newKeyId = (): string => `k${randomBytes(6).toString("hex")}`;

/** A key's place: sealed text moved to another row does not open. */
export interface KeyPlace {
  readonly room: string;
  readonly id: string;
}

/** @param secret content of seal.key @throws when it is too short to be one */
export function seal(key: string, place: KeyPlace, secret: string): Buffer {
  const iv = randomBytes(ivBytes);
  const sealing = createCipheriv(cipher, cipherKey(secret), iv);
  sealing.setAAD(aad(place));
  const body = Buffer.concat([sealing.update(key, "utf8"), sealing.final()]);
  return Buffer.concat([iv, sealing.getAuthTag(), body]);
}

/** @param secrets the present one first, then the previous @returns undefined when none of them opens it */
export function open(sealed: Uint8Array, place: KeyPlace, secrets: readonly string[]): string | undefined {
  for (const secret of secrets) {
    const key = cipherKey(secret);
    try {
      const opening = createDecipheriv(cipher, key, sealed.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      });
      opening.setAAD(aad(place));
      opening.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
      const body = sealed.subarray(ivBytes + tagBytes);
      return Buffer.concat([opening.update(body), opening.final()]).toString("utf8");
    } catch {
      // Another secret's, or not whole.
    }
  }
  return undefined;
}

function cipherKey(secret: string): Buffer {
  if (secret.length < shortestSecret)
    throw new Error(`seal.key has ${secret.length} characters; it needs ${shortestSecret} at least`);
  return Buffer.from(hkdfSync("sha256", secret, "", "mallstack live stream keys", 32));
}

const aad = ({ room, id }: KeyPlace): Buffer => Buffer.from(`${room}\0${id}`, "utf8");
