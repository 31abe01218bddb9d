import { expect, test } from "vitest";
import { itemsOf, nextOf } from "./listing.ts";

const answer = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>replays</Name><Prefix>tea/b1/</Prefix>
<NextContinuationToken>bXV0ZQ==[minio_cache:v2]</NextContinuationToken><KeyCount>2</KeyCount><IsTruncated>true</IsTruncated>
<Contents><Key>tea/b1/index.m3u8</Key><LastModified>2026-11-30T09:00:00Z</LastModified><Size>310</Size></Contents>
<Contents><Key>tea/b1/poster.jpg</Key><Size>0</Size></Contents></ListBucketResult>`;

test("objects, their sizes, and what to go on with", () => {
  expect(itemsOf(answer)).toEqual([
    { key: "tea/b1/index.m3u8", bytes: 310 },
    { key: "tea/b1/poster.jpg", bytes: 0 },
  ]);
  expect(nextOf(answer)).toBe("bXV0ZQ==[minio_cache:v2]");
  expect(nextOf("<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>")).toBeUndefined();
  expect(itemsOf("<ListBucketResult/>")).toEqual([]);
});
