/** Records of a partition, asked of the broker that leads it. */
import type { BrokerConnection } from "./protocol/connection.ts";
import { fetchRecords } from "./protocol/data-apis.ts";
import { requireNone } from "./protocol/errors.ts";
import { decodeBatches, type KafkaRecord } from "./protocol/records.ts";

export interface Reading {
  /** Most bytes of one answer. */
  readonly maxBytes: number;
  /** How long the broker may wait for the first record, ms; 0: what is there already is answered with. */
  readonly maxWaitMs: number;
}

export const fetchOf = (topic: string, index: number, fetchOffset: bigint, reading: Reading) => ({
  replicaId: -1,
  maxWaitMs: reading.maxWaitMs,
  minBytes: reading.maxWaitMs === 0 ? 0 : 1,
  maxBytes: reading.maxBytes,
  isolationLevel: 0,
  topics: [{ name: topic, partitions: [{ index, fetchOffset, maxBytes: reading.maxBytes }] }],
});

/** All from this offset to the end, in order. @throws what the broker refuses with */
export async function recordsFrom(
  broker: BrokerConnection,
  topic: string,
  index: number,
  from: bigint,
  reading: Reading,
): Promise<readonly KafkaRecord[]> {
  const all: KafkaRecord[] = [];
  for (let offset = from; ; ) {
    const answer = await broker.call(fetchRecords, fetchOf(topic, index, offset, reading));
    const result = answer.topics[0]?.partitions[0];
    if (result === undefined) throw new Error("no answer about the partition");
    requireNone(`reading ${topic}-${index}`, result);
    // A batch is given whole, also what of it lies before.
    const records = decodeBatches(Buffer.from(result.records ?? [])).filter((one) => one.offset >= offset);
    all.push(...records);
    const last = records.at(-1);
    if (last === undefined || last.offset + 1n >= result.highWatermark) return all;
    offset = last.offset + 1n;
  }
}
