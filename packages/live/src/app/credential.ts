/** The proof in a push address: its raw query, as the ingest received it. */
import { md5, verify } from "../signature/index.ts";
import type { Credential } from "./publish.ts";

export interface Push {
  readonly stream: string;
  /** Raw, without `?`. */
  readonly query: string;
  /** ms. */
  readonly now: number;
  /** The stream key of this id, or undefined when it cannot be opened. */
  readonly keyOf: (keyId: string) => string | undefined;
}

/** Pure. A key, a signature of Tencent's or Aliyun's dialect, nothing, or what nobody may write. */
export function credentialOf({ stream, query, now, keyOf }: Push): Credential {
  const judged = (key: string) =>
    verify({ use: "push", stream, query, keys: { primary: key }, now: Math.floor(now / 1_000) }, md5);
  // Any key tells the form: a query without a signature, or with a broken one, is so whatever the key.
  const form = judged("0".repeat(32));
  const isSigned = form.ok || (form.code !== "missing" && form.code !== "malformed");
  const keys = query.split("&").filter((pair) => pair === "key" || pair.startsWith("key="));
  const [first, ...more] = keys.map((pair) => pair.slice("key=".length));
  if (!form.ok && form.code === "malformed") return { kind: "malformed" };
  // nginx's dialect protects what is watched; no publisher signs by it.
  if (isSigned && /(^|&)md5=/.test(query)) return { kind: "malformed" };
  if (first === undefined) {
    if (!isSigned) return { kind: "none" };
    return {
      kind: "signature",
      judge: (keyId) => {
        const key = keyOf(keyId);
        if (key === undefined) return "wrong";
        const verdict = judged(key);
        if (verdict.ok) return "valid";
        return verdict.code === "expired" ? "expired" : "wrong";
      },
    };
  }
  if (more.length > 0 || isSigned) return { kind: "malformed" };
  if (first === "") return { kind: "none" };
  return { kind: "key", key: first };
}
