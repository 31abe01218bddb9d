/** What stands in an answer of ListObjectsV2. Keys of ours hold nothing that XML would write otherwise. Pure. */
import type { Item } from "./bucket.ts";

export function itemsOf(xml: string): readonly Item[] {
  return [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].flatMap(([, content = ""]) => {
    const key = /<Key>([^<&]+)<\/Key>/.exec(content)?.[1];
    const bytes = /<Size>(\d+)<\/Size>/.exec(content)?.[1];
    return key === undefined || bytes === undefined ? [] : [{ key, bytes: Number(bytes) }];
  });
}

/** What to go on with; undefined: that was all. */
export const nextOf = (xml: string): string | undefined =>
  /<NextContinuationToken>([^<]+)<\/NextContinuationToken>/.exec(xml)?.[1];
