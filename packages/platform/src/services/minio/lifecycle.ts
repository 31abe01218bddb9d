import type { BucketSpec } from "./spec.ts";

/**
 * What a bucket's lifecycle should be, in one form: old versions go after `keepVersions` days, delete markers that
 * hide nothing any more at once. Uploads that were begun and never finished MinIO clears by itself, after a day.
 */
export const wantedLifecycle = (spec: BucketSpec): string => JSON.stringify([[spec.keepVersions, true]]);
