/** What a signed address is, made and judged the same by the application, the ingest and the edge. */
export type { Md5, Use } from "./digest.ts";
export { md5 } from "./md5.ts";
export {
  isStreamName,
  type LiveObject,
  masterPath,
  mediaPath,
  objectOf,
  posterPath,
  replayPath,
  segmentPath,
  streamName,
} from "./names.ts";
export { byPath, type PathSignRequest, signatureIn, signPath } from "./path.ts";
export { type Dialect, dialects } from "./query.ts";
export { type SignRequest, shortestKey, sign } from "./sign.ts";
export { type Keys, type RefusalCode, type Verdict, type VerifyRequest, verify } from "./verify.ts";
