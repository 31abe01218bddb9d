/**
 * Bodies of MinIO's admin API that carry a secret, encrypted with a key made of the caller's own secret key: the form
 * that its client library writes (madmin-go, encrypt.go) with PBKDF2, which the server reads as well as Argon2:
 *
 *   salt (32 bytes) | algorithm (1 byte, 2: PBKDF2 and AES-256-GCM) | nonce (8 bytes) | ciphertext and tag
 *
 * The ciphertext is one chunk of the stream format of secure-io/sio-go: its nonce is completed by the chunk's number
 * (little endian, from 1), and what it is bound to is 0x80 for the last chunk and the tag of an empty chunk 0.
 */
import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

/** Longest plaintext of one chunk (sio.BufSize). */
const chunkBytes = 16_384;
const iterations = 8_192;
const pbkdf2AesGcm = 2;
const lastChunk = 0x80;

/** @throws RangeError when the text is longer than one chunk, which no credential is. */
export function seal(
  password: string,
  plaintext: string,
  random: (size: number) => Buffer = randomBytes,
): Buffer {
  const data = Buffer.from(plaintext);
  if (data.length > chunkBytes) throw new RangeError(`more than ${chunkBytes} bytes`);
  const salt = random(32);
  const nonce = random(8);
  const key = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const bound = Buffer.concat([Buffer.of(lastChunk), encrypt(key, chunkNonce(nonce, 0), Buffer.alloc(0))]);
  return Buffer.concat([
    salt,
    Buffer.of(pbkdf2AesGcm),
    nonce,
    encrypt(key, chunkNonce(nonce, 1), data, bound),
  ]);
}

function chunkNonce(nonce: Buffer, number: number): Buffer {
  const whole = Buffer.alloc(12);
  nonce.copy(whole);
  whole.writeUInt32LE(number, 8);
  return whole;
}

function encrypt(key: Buffer, nonce: Buffer, data: Buffer, bound?: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  if (bound !== undefined) cipher.setAAD(bound);
  return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
}
