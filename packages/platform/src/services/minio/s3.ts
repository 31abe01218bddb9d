/** Calls of the S3 API, by which any other S3 server could be kept as well (docs.aws.amazon.com/AmazonS3/latest/API). */
import { createHash } from "node:crypto";
import { XMLParser } from "fast-xml-parser";
import { type Answer, ask, codeOf, type Login, type Node, refusal } from "./client.ts";
import type { BucketSpec } from "./spec.ts";
import type { Versioning } from "./state.ts";

const xml = new XMLParser({
  isArray: (name) => ["Rule", "Bucket", "Version", "DeleteMarker"].includes(name),
});

/** Untyped as XML is; what is read of it is checked where it is used. */
type Document = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
const parse = (answer: Answer): Document => xml.parse(answer.body.toString("utf8")) as Document;

const md5 = (body: string): string => createHash("md5").update(body).digest("base64");

/** A configuration below a bucket: `versioning`, `lifecycle`. */
const put = (node: Node, login: Login, bucket: string, what: string, body: string): Promise<Answer> =>
  ask(
    node,
    { method: "PUT", path: `/${bucket}`, query: { [what]: "" }, body, headers: { "content-md5": md5(body) } },
    login,
  );

/** Undefined when there is no such bucket. */
export async function versioningOf(
  node: Node,
  login: Login,
  bucket: string,
): Promise<Versioning | undefined> {
  const request = { method: "GET", path: `/${bucket}`, query: { versioning: "" } } as const;
  const answer = await node.send(request, login);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(node, request, answer);
  const status = parse(answer).VersioningConfiguration?.Status;
  return status === "Enabled" || status === "Suspended" ? status : "off";
}

export const enableVersioning = (node: Node, login: Login, bucket: string): Promise<Answer> =>
  put(
    node,
    login,
    bucket,
    "versioning",
    "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
  );

/** A bucket that is there already, and ours, is as good. */
export const createBucket = (node: Node, login: Login, bucket: string): Promise<Answer> =>
  ask(node, { method: "PUT", path: `/${bucket}` }, login, [409]);

/** The lifecycle of a bucket in the form of `wantedLifecycle`. */
export async function lifecycleOf(node: Node, login: Login, bucket: string): Promise<string> {
  const request = { method: "GET", path: `/${bucket}`, query: { lifecycle: "" } } as const;
  const answer = await node.send(request, login);
  if (answer.status === 404 && codeOf(answer) === "NoSuchLifecycleConfiguration") return "[]";
  if (answer.status !== 200) throw refusal(node, request, answer);
  const rules = (parse(answer).LifecycleConfiguration?.Rule ?? []) as readonly LifecycleRule[];
  return JSON.stringify(
    rules
      .filter((rule) => rule.Status === "Enabled")
      .map((rule) => [
        rule.NoncurrentVersionExpiration?.NoncurrentDays ?? 0,
        rule.Expiration?.ExpiredObjectDeleteMarker === true,
        ...(rule.Expiration?.Days === undefined ? [] : [rule.Expiration.Days]),
      ])
      .sort(),
  );
}

interface LifecycleRule {
  readonly Status?: unknown;
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays?: unknown };
  readonly Expiration?: { readonly ExpiredObjectDeleteMarker?: unknown; readonly Days?: unknown };
}

export const setLifecycle = (node: Node, login: Login, bucket: string, spec: BucketSpec): Promise<Answer> =>
  put(
    node,
    login,
    bucket,
    "lifecycle",
    `<LifecycleConfiguration><Rule><ID>mall</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration><NoncurrentVersionExpiration><NoncurrentDays>${spec.keepVersions}</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>`,
  );

/** @returns the version's id. */
export async function putObject(
  node: Node,
  login: Login,
  bucket: string,
  key: string,
  body: Buffer,
): Promise<string> {
  const answer = await ask(node, { method: "PUT", path: `/${bucket}/${key}`, body }, login);
  return `${answer.headers["x-amz-version-id"] ?? ""}`;
}

export const getObject = (
  node: Node,
  login: Login,
  bucket: string,
  key: string,
  versionId?: string,
): Promise<Answer> =>
  node.send(
    {
      method: "GET",
      path: `/${bucket}/${key}`,
      ...(versionId === undefined ? {} : { query: { versionId } }),
    },
    login,
  );

/** Without a version it leaves a delete marker; with one that version is gone for good. */
export const deleteObject = (
  node: Node,
  login: Login,
  bucket: string,
  key: string,
  versionId?: string,
): Promise<Answer> =>
  ask(
    node,
    {
      method: "DELETE",
      path: `/${bucket}/${key}`,
      ...(versionId === undefined ? {} : { query: { versionId } }),
    },
    login,
    [404],
  );

/** Ids of all versions and delete markers below a prefix. */
export async function versionsBelow(
  node: Node,
  login: Login,
  bucket: string,
  prefix: string,
): Promise<readonly { readonly key: string; readonly versionId: string }[]> {
  const answer = await ask(
    node,
    { method: "GET", path: `/${bucket}`, query: { versions: "", prefix } },
    login,
  );
  const result = parse(answer).ListVersionsResult ?? {};
  return [result.Version, result.DeleteMarker].flatMap((list) =>
    ((list ?? []) as readonly { readonly Key: unknown; readonly VersionId: unknown }[]).map((one) => ({
      key: `${one.Key}`,
      versionId: `${one.VersionId}`,
    })),
  );
}
