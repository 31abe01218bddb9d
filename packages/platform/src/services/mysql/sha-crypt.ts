/**
 * Whether a stored hash of `caching_sha2_password` is that of a password, computed as the server does it (SHA-256
 * crypt of Ulrich Drepper with the server's own salt and rounds). So the agent sees by one SELECT whether an account
 * has the password it should, without logging in as it and without anything to remember.
 */
import { createHash } from "node:crypto";

const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const digestBytes = 32;

/** Order in which the digest's bytes are written, three bytes to four characters. */
const order = [
  [0, 10, 20],
  [21, 1, 11],
  [12, 22, 2],
  [3, 13, 23],
  [24, 4, 14],
  [15, 25, 5],
  [6, 16, 26],
  [27, 7, 17],
  [18, 28, 8],
  [9, 19, 29],
] as const;

const sha256 = (...parts: readonly Buffer[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The first `length` bytes of `block` written again and again. */
const repeated = (block: Buffer, length: number): Buffer => Buffer.alloc(length, block);

/** The 43 characters that crypt writes for the digest. */
export function sha256Crypt(password: Buffer, salt: Buffer, rounds: number): string {
  const alternate = sha256(password, salt, password);
  const start: Buffer[] = [password, salt, repeated(alternate, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) start.push(bits & 1 ? alternate : password);
  let digest = sha256(...start);
  const p = repeated(sha256(...Array<Buffer>(password.length).fill(password)), password.length);
  const saltTimes = 16 + (digest[0] ?? 0);
  const s = repeated(sha256(...Array<Buffer>(saltTimes).fill(salt)), salt.length);
  for (let i = 0; i < rounds; i++) {
    const odd = i % 2 === 1;
    const parts = [odd ? p : digest];
    if (i % 3 !== 0) parts.push(s);
    if (i % 7 !== 0) parts.push(p);
    parts.push(odd ? digest : p);
    digest = sha256(...parts);
  }
  return encode(digest);
}

function encode(digest: Buffer): string {
  const byte = (i: number): number => digest[i] ?? 0;
  let text = "";
  const write = (value: number, characters: number): void => {
    for (let i = 0; i < characters; i++) text += alphabet[(value >> (6 * i)) & 63];
  };
  for (const [a, b, c] of order) write((byte(a) << 16) | (byte(b) << 8) | byte(c), 4);
  write((byte(digestBytes - 1) << 8) | byte(digestBytes - 2), 3);
  return text;
}

const known = new Map<string, boolean>();
const knownLimit = 256;

/**
 * `stored`: `authentication_string` in hex, because its salt is arbitrary 7-bit characters: `$A$`, the rounds in
 * thousands as three hex digits, `$`, 20 bytes of salt, the digest.
 * @returns false also for another plugin's hash or an empty one.
 */
export function isPasswordOf(storedHex: string, password: string): boolean {
  // 5,000 rounds take some milliseconds, and the same question comes at every observation.
  const key = createHash("sha256").update(`${storedHex} ${password}`).digest("hex");
  const before = known.get(key);
  if (before !== undefined) return before;
  const answer = verify(Buffer.from(storedHex, "hex"), Buffer.from(password, "utf8"));
  if (known.size >= knownLimit) known.clear();
  known.set(key, answer);
  return answer;
}

function verify(stored: Buffer, password: Buffer): boolean {
  const head = /^\$A\$([0-9A-Fa-f]{3})\$/.exec(stored.subarray(0, 7).toString("latin1"));
  if (head?.[1] === undefined || stored.length !== 7 + 20 + 43) return false;
  const rounds = Number.parseInt(head[1], 16) * 1_000;
  return sha256Crypt(password, stored.subarray(7, 27), rounds) === stored.subarray(27).toString("latin1");
}
