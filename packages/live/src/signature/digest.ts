/** What each dialect hashes, and how the digest is written and compared. */
import type { Parameters } from "./query.ts";

/**
 * MD5 of a text's UTF-8 bytes: lower-case hex digits, or unpadded base64url. Given by the caller: Node.js and njs name
 * theirs differently.
 */
export type Md5 = (text: string, digits?: "hex" | "base64url") => string;

/** Watching (HLS) or publishing (RTMP): Aliyun signs another address for each. */
export type Use = "play" | "push";

/** The digest that a signature with these parameters must carry: their own `digest` is not looked at. */
export function digestOf(parameters: Parameters, use: Use, stream: string, key: string, md5: Md5): string {
  const { time } = parameters;
  switch (parameters.dialect) {
    // nginx: secure_link_md5 "$secure_link_expires/live/$stream $key" (ngx_http_secure_link_module).
    case "nginx":
      return md5(`${time}/live/${stream} ${key}`, "base64url");
    // Tencent Cloud, hotlink protection of CSS: txSecret = md5(KEY + StreamName + txTime).
    case "tencent":
      return md5(`${key}${stream}${time}`);
    // Alibaba Cloud, URL signing type A: md5("URI-timestamp-rand-uid-key").
    case "aliyun":
      return md5(
        `/live/${stream}${use === "play" ? ".m3u8" : ""}-${time}-${parameters.rand}-${parameters.uid}-${key}`,
      );
  }
}

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
