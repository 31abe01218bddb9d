/** Every name that two parts of this service agree on: instances, ports, users, secrets, files. */
import { createHash } from "node:crypto";
import type { InstanceName } from "../../plan/model.ts";
import { instanceName } from "../../plan/names.ts";

export const serviceName = "minio";
export const workloadName = "minio";

/** One erasure set of four drives, one a node (MI-1). The number is fixed: the quorums rest on it. */
export const nodeIds = [1, 2, 3, 4] as const;
export const nodeName = (index: number): InstanceName => instanceName(workloadName, index);
export const nodeNames: readonly InstanceName[] = nodeIds.map(nodeName);

/** Drives that may be lost without losing data; as many must be there to read, and one more to write. */
export const parity = 2;
export const readQuorum = nodeIds.length - parity;
/** Data and parity are equally many: only one more than half tells which of two halves is right. */
export const writeQuorum = readQuorum + 1;

export const ports = {
  s3: { name: "s3", number: 9000 },
  browser: { name: "console", number: 9001 },
} as const;

export const routeNames = { s3: "minio", browser: "minio-console" } as const;

/** 200 as soon as a node reaches enough drives to read by itself. */
export const readyPath = "/minio/health/cluster/read";

/** Offsets from the site's `portBase`. */
export const hostPortOffsets = { s3: 900, browser: 909 } as const;

/** MinIO's own default; requests are signed for a region. */
export const region = "us-east-1";

export const environmentFile = "minio.env";
/** Where the volume is, and on it the drive: the same on each node. */
export const dataFolder = "/data";
export const drivePath = "/data/drive";
export const shellCommand = "/usr/local/bin/mall-shell";

/** The administrator of all nodes; every node must have the same. Also the agent's login. */
export const rootUser = "root";
export const rootSecret = { id: "minio.root", file: "root.password" } as const;

/** The application's own account. */
export const appAccount = "app";
/** Names that an account of mall.yaml cannot have. */
export const reservedAccounts: ReadonlySet<string> = new Set([appAccount, rootUser]);

export const secretId = (account: string): string => `${serviceName}.${account}`;
/** A group named as the account carries its rights; the group's members are the account's access keys. */
export const policyName = (account: string): string => `mall-${account}`;

/**
 * The access key that belongs to a secret: the account's name and eight hex digits of the secret's SHA-256. MinIO knows
 * one secret a key, so a rotation needs two keys side by side, and each key tells by itself which secret it goes with.
 */
export const accessKeyOf = (account: string, secret: string): string =>
  `${account}-${createHash("sha256").update(secret).digest("hex").slice(0, 8)}`;
