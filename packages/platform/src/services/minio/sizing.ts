/** Everything that follows from a node's memory. */
import { nodeIds } from "./names.ts";
import type { MinioSpec } from "./spec.ts";

const MiB = 2 ** 20;

/** The server by itself with its console; 100 MiB idle, 150 while it scans or heals. */
export const baseBytes = 160 * MiB;

/** MinIO's own figure (cmd/handler-api.go): (1 MiB + 32 KiB) a drive of the set, and two blocks of 1 MiB. */
export const bytesPerRequest = nodeIds.length * (MiB + 32 * 1024) + 2 * MiB;

/** The runtime collects garbage harder from here on, instead of meeting the container's limit. */
const softLimitRatio = 0.9;

export interface Sizes {
  /** Over all nodes: MinIO divides it by their number. */
  readonly requestsMax: number;
  readonly softLimitBytes: number;
  /** What the node may need at the worst moment. */
  readonly worstCaseBytes: number;
  readonly files: number;
}

export function sizesOf(spec: MinioSpec): Sizes {
  const perNode = Math.max(1, Math.floor((spec.memory - baseBytes) / bytesPerRequest));
  const requestsMax = spec.requestsMax ?? perNode * nodeIds.length;
  const ownPart = Math.ceil(requestsMax / nodeIds.length);
  return {
    requestsMax,
    softLimitBytes: Math.floor(spec.memory * softLimitRatio),
    worstCaseBytes: baseBytes + ownPart * bytesPerRequest,
    // Each request may hold a part of every drive open, and a connection to every peer.
    files: 1_024 + ownPart * nodeIds.length * 4,
  };
}
