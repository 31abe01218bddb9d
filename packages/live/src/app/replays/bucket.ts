/** The application's bucket: what it is opened with, and whether it answers. */
import { type Bucket, type BucketSettings, openBucket } from "../../bucket/bucket.ts";
import { causeOf } from "../errors.ts";
import type { Parts } from "../parts.ts";
import type { Secrets } from "../secrets.ts";

/** Every answer says whether MinIO is there. */
export function bucketOf(settings: BucketSettings, secrets: Secrets, parts: Parts): Bucket {
  const bucket = openBucket(settings, () => ({
    ca: secrets.read("ca.crt"),
    password: secrets.read("minio.password"),
  }));
  const watched =
    <A extends readonly unknown[], T>(ask: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      try {
        const answer = await ask(...args);
        parts.report("minio", "ok");
        return answer;
      } catch (error) {
        parts.report("minio", "away", causeOf(error));
        throw error;
      }
    };
  const { put, get, list, remove, close } = bucket;
  return { put: watched(put), get: watched(get), list: watched(list), remove: watched(remove), close };
}
