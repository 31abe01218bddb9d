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
export const secrets = {
  root: { id: "minio.root", file: "root.password" },
  app: { id: "minio.app" },
} as const;

/** Group that carries the application's rights; its members are the application's access keys. */
export const appGroup = "app";
export const appPolicy = "mall-app";

/**
 * The access key that belongs to a secret: `app-` and eight hex digits of its SHA-256. MinIO knows one secret a key, so
 * a rotation needs two keys side by side, and each key tells by itself which secret it goes with.
 */
export const accessKeyOf = (secret: string): string =>
  `${appGroup}-${createHash("sha256").update(secret).digest("hex").slice(0, 8)}`;
