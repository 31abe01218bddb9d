/** The live checks of Kafka, in the order of docs/requirements.md. */
import { ids, version } from "./cluster.ts";
import type { KafkaCheck } from "./evidence.ts";
import { acknowledged, copies, survives } from "./replication.ts";
import { strangers } from "./strangers.ts";
import { autoCreate, retention } from "./topics.ts";
import { message, tuning } from "./tuning.ts";

export const kafkaChecks: readonly KafkaCheck[] = [
  version,
  ids,
  copies,
  acknowledged,
  survives,
  autoCreate,
  retention,
  tuning,
  message,
  strangers,
];
