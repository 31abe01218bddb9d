/** What an account's access keys may do: its buckets' objects, and nothing that administers or erases history. */
import type { Account } from "./spec.ts";

interface Statement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

export interface Policy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/**
 * Pure. Without s3:DeleteObjectVersion: a key that got into wrong hands can delete, and everything it deleted can be
 * brought back until the bucket's `keepVersions` are over.
 */
export function policyOf({ writes, reads }: Account): Policy {
  const allow = (
    buckets: readonly string[],
    below: string,
    Action: readonly string[],
  ): readonly Statement[] =>
    buckets.length === 0
      ? []
      : [{ Effect: "Allow", Action, Resource: buckets.map((name) => `arn:aws:s3:::${name}${below}`) }];
  return {
    Version: "2012-10-17",
    Statement: [
      ...allow([...writes, ...reads], "", [
        "s3:GetBucketLocation",
        "s3:GetBucketVersioning",
        "s3:ListBucket",
        "s3:ListBucketVersions",
      ]),
      ...allow([...writes, ...reads], "/*", ["s3:GetObject", "s3:GetObjectVersion"]),
      ...allow(writes, "", ["s3:ListBucketMultipartUploads"]),
      ...allow(writes, "/*", [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ]),
    ],
  };
}

/** A policy in one form whatever order the server gives it back in. */
export function normalisedPolicy(policy: unknown): string {
  const list = (value: unknown): readonly string[] =>
    (Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)]).sort();
  const statements: unknown =
    typeof policy === "object" && policy !== null ? Reflect.get(policy, "Statement") : undefined;
  return JSON.stringify(
    (Array.isArray(statements) ? statements : [])
      .map((one: Readonly<Record<string, unknown>>) => [
        String(one.Effect),
        list(one.Action),
        list(one.Resource),
        JSON.stringify(one.Condition ?? {}),
      ])
      .map((one) => JSON.stringify(one))
      .sort(),
  );
}
