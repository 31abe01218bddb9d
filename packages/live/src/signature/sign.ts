/** Makes the query of a signed address. */
import { digestOf, type Md5, type Use } from "./digest.ts";
import { isStreamName } from "./names.ts";
import { type Dialect, type Parameters, parametersOf, queryOf } from "./query.ts";

export interface SignRequest {
  readonly dialect: Dialect;
  readonly use: Use;
  readonly stream: string;
  /** The edges' play key, or the room's stream key. At least `shortestKey` characters. */
  readonly key: string;
  /** Unix seconds: the last second in which it is valid. Up to 2106 in Tencent's dialect. */
  readonly expires: number;
  /** Aliyun's: letters and digits, so that two signatures of one second differ; "0" by default. */
  readonly rand?: string;
  /** Aliyun's: "0" by default, as its manual has it. */
  readonly uid?: string;
}

/** A shorter one is no secret; above all an empty file must never be a key. */
export const shortestKey = 16;

/**
 * The query (without `?`) that makes an address of the stream valid until `expires`: the same for its master
 * playlist, media playlists and segments.
 * @throws RangeError for a name, key, time, rand or uid that no verifier takes
 */
export function sign(request: SignRequest, md5: Md5): string {
  const { dialect, use, stream, key, expires, rand = "0", uid = "0" } = request;
  if (!isStreamName(stream)) throw new RangeError("no stream has such a name");
  if (key.length < shortestKey) throw new RangeError(`a key has at least ${shortestKey} characters`);
  const time = dialect === "tencent" ? expires.toString(16) : expires.toString(10);
  const unsigned: Parameters =
    dialect === "aliyun" ? { dialect, digest: "", time, rand, uid } : { dialect, digest: "", time };
  const query = queryOf({ ...unsigned, digest: digestOf(unsigned, use, stream, key, md5) });
  // Whatever the strict reader would not read back must not leave.
  if (typeof parametersOf(query) === "string")
    throw new RangeError("the time, rand or uid cannot be written in this dialect");
  return query;
}
