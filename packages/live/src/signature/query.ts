/** Signature parameters as they stand in a query, taken strictly: what two programs could read differently is refused. */

export interface NginxParameters {
  readonly dialect: "nginx";
  readonly digest: string;
  /** As written: it is part of what was hashed. */
  readonly time: string;
}
export interface TencentParameters {
  readonly dialect: "tencent";
  readonly digest: string;
  readonly time: string;
}
export interface AliyunParameters {
  readonly dialect: "aliyun";
  readonly digest: string;
  readonly time: string;
  readonly rand: string;
  readonly uid: string;
}
export type Parameters = NginxParameters | TencentParameters | AliyunParameters;
export type Dialect = Parameters["dialect"];
export const dialects: readonly Dialect[] = ["nginx", "tencent", "aliyun"];

/** Longest query that is looked at, in characters; a signed one has less than 150. */
const longest = 1024;
const reserved: Readonly<Record<string, Dialect>> = {
  md5: "nginx",
  expires: "nginx",
  txSecret: "tencent",
  txTime: "tencent",
  auth_key: "aliyun",
};

/** Unix seconds without sign or leading zero, of the years 2001 to 2286. */
export const decimalTime = /^[1-9][0-9]{9}$/;
/**
 * Exactly eight digits. The dialect hashes `key + stream + txTime` without a separator: were nine taken, the signature
 * of stream `roomb` would also be one of stream `room` with a time that begins with `b`.
 */
const hexTime = /^(?:[1-9a-f][0-9a-f]{7}|[1-9A-F][0-9A-F]{7})$/;
const hexDigest = /^[0-9a-f]{32}$/;
const base64urlDigest = /^[A-Za-z0-9_-]{22}$/;
/** Neither rand nor uid may hold the hyphen that separates them. */
const aliyunKey = /^([1-9][0-9]{9})-([0-9A-Za-z]{1,64})-([0-9A-Za-z]{1,64})-([0-9a-f]{32})$/;

/**
 * The signature in a raw query string (without `?`, not decoded). Other parameters are let be, but none may come twice
 * and no name may be percent-encoded.
 */
export function parametersOf(query: string): Parameters | "missing" | "malformed" {
  if (query.length > longest) return "malformed";
  const values = new Map<string, string>();
  let dialect: Dialect | undefined;
  let mixed = false;
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = equals === -1 ? pair : pair.slice(0, equals);
    if (values.has(name) || name.includes("%")) return "malformed";
    values.set(name, equals === -1 ? "" : pair.slice(equals + 1));
    const own = Object.hasOwn(reserved, name) ? reserved[name] : undefined;
    if (own === undefined) continue;
    mixed ||= dialect !== undefined && dialect !== own;
    dialect = own;
  }
  if (dialect === undefined) return "missing";
  return (mixed ? undefined : read(dialect, values)) ?? "malformed";
}

function read(dialect: Dialect, values: ReadonlyMap<string, string>): Parameters | undefined {
  const value = (name: string): string => values.get(name) ?? "";
  switch (dialect) {
    case "nginx": {
      const [digest, time] = [value("md5"), value("expires")];
      return base64urlDigest.test(digest) && decimalTime.test(time) ? { dialect, digest, time } : undefined;
    }
    case "tencent": {
      const [digest, time] = [value("txSecret"), value("txTime")];
      return hexDigest.test(digest) && hexTime.test(time) ? { dialect, digest, time } : undefined;
    }
    case "aliyun": {
      const [, time, rand, uid, digest] = aliyunKey.exec(value("auth_key")) ?? [];
      if (time === undefined || rand === undefined || uid === undefined || digest === undefined)
        return undefined;
      return { dialect, digest, time, rand, uid };
    }
  }
}

/** The query that carries these parameters and nothing else. */
export function queryOf(parameters: Parameters): string {
  const { digest, time } = parameters;
  switch (parameters.dialect) {
    case "nginx":
      return `md5=${digest}&expires=${time}`;
    case "tencent":
      return `txSecret=${digest}&txTime=${time}`;
    case "aliyun":
      return `auth_key=${time}-${parameters.rand}-${parameters.uid}-${digest}`;
  }
}

/** When the signature ends, in Unix seconds. */
export const expiryOf = ({ dialect, time }: Parameters): number =>
  Number.parseInt(time, dialect === "tencent" ? 16 : 10);
