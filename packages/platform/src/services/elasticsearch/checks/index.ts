import { access, transport } from "./access.ts";
import { oneNodeStopped } from "./availability.ts";
import type { ElasticsearchCheck } from "./evidence.ts";
import { chinese, newIndex, refreshInterval, sharding } from "./indices.ts";
import { fielddata, heap, roles, startUpChecks, version } from "./nodes.ts";

export const elasticsearchChecks: readonly ElasticsearchCheck[] = [
  version,
  startUpChecks,
  roles,
  access,
  transport,
  heap,
  fielddata,
  refreshInterval,
  sharding,
  newIndex,
  chinese,
  oneNodeStopped,
];
