/** What TLS makes of an identity, made once: to read certificates and keys anew costs as much as a handshake. */
import { createHash } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";

/** PEM. Without certificate and key nobody is shown, as users and viewers show none. */
export interface Shown {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

const contexts = new Map<string, SecureContext>();
/** Ours, those of the checks' strangers, and what rotation leaves behind. */
const mostContexts = 16;

export const digestOf = (shown: Shown): string =>
  createHash("sha256")
    .update(JSON.stringify([shown.ca, shown.cert, shown.key]))
    .digest("hex");

/** TLS 1.2 and newer, as this identity. */
export function secureContextOf(shown: Shown): SecureContext {
  const digest = digestOf(shown);
  const known = contexts.get(digest);
  if (known !== undefined) return known;
  const made = createSecureContext({ ...shown, minVersion: "TLSv1.2" });
  const [oldest] = contexts.keys();
  if (contexts.size >= mostContexts && oldest !== undefined) contexts.delete(oldest);
  contexts.set(digest, made);
  return made;
}
