/** SCRAM-SHA-512 (RFC 5802, RFC 7677): the client's side, and what a server keeps instead of a password. */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const hash = "sha512";
const hashBytes = 64;
const derive = promisify(pbkdf2);

/** Kafka's own least number for this mechanism (`ScramMechanism.SCRAM_SHA_512`). */
export const leastIterations = 4_096;

/** What AlterUserScramCredentials is sent; the servers make their two keys of it. */
export const saltedPassword = (password: string, salt: Uint8Array, iterations: number): Promise<Buffer> =>
  derive(password.normalize("NFKC"), salt, iterations, hashBytes, hash);

const hmac = (key: Uint8Array, text: string): Buffer => createHmac(hash, key).update(text).digest();

const quoted = (name: string): string => name.replaceAll("=", "=3D").replaceAll(",", "=2C");

/** The attributes of a message: `r=…,s=…,i=…`. */
const attributes = (message: string): ReadonlyMap<string, string> =>
  new Map(message.split(",").map((part) => [part.slice(0, 1), part.slice(2)]));

/**
 * The exchange of one log-in; `send` takes a message and gives the server's answer.
 * @throws Error when the server does not know the password, or does not prove that it does.
 */
export async function authenticate(
  user: string,
  password: string,
  send: (message: string) => Promise<string>,
  nonce: string = randomBytes(24).toString("base64url"),
): Promise<void> {
  const first = `n=${quoted(user)},r=${nonce}`;
  const challenge = await send(`n,,${first}`);
  const asked = attributes(challenge);
  const both = asked.get("r") ?? "";
  const iterations = Number(asked.get("i"));
  if (!both.startsWith(nonce) || both === nonce)
    throw new Error("the server's nonce does not follow from ours");
  if (!(iterations >= leastIterations)) throw new Error(`the server asks for ${iterations} iterations only`);
  const salted = await saltedPassword(password, Buffer.from(asked.get("s") ?? "", "base64"), iterations);
  const clientKey = hmac(salted, "Client Key");
  const withoutProof = `c=biws,r=${both}`;
  const exchanged = `${first},${challenge},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), exchanged);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)));
  const answer = await send(`${withoutProof},p=${proof.toString("base64")}`);
  const proven = Buffer.from(attributes(answer).get("v") ?? "", "base64");
  const expected = hmac(hmac(salted, "Server Key"), exchanged);
  if (proven.length !== expected.length || !timingSafeEqual(proven, expected))
    throw new Error("the server does not prove that it knows the password");
}
