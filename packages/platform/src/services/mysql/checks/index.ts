/** The live checks of MySQL, in the order of docs/requirements.md. */
import { connectionsExhausted, maxConnections } from "./connections.ts";
import type { MysqlCheck } from "./evidence.ts";
import { memory } from "./memory.ts";
import { primaryBinaryLog } from "./primary.ts";
import { replicasReadOnly } from "./replicas.ts";
import { replication } from "./replication.ts";
import { version } from "./version.ts";

export const mysqlChecks: readonly MysqlCheck[] = [
  version,
  replication,
  primaryBinaryLog,
  replicasReadOnly,
  memory,
  maxConnections,
  connectionsExhausted,
];
