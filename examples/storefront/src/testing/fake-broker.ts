/**
 * A broker in memory that does to its clients what a real one may: it refuses, keeps some partitions' records and not
 * others', loses answers, forgets that something was taken, and delivers again.
 */
import { hash } from "node:crypto";
import type { DeliveredRecord, OutgoingRecord } from "../events/bus.ts";

/** `before`: nothing happened. `part`: some of it did. `after`: all of it did, and the answer was lost. */
export type Fault = "none" | "before" | "part" | "after";

export class Lost extends Error {}

const partitions = 3;
export const partitionOf = (key: string): number =>
  Number.parseInt(hash("sha256", key, "hex").slice(0, 4), 16) % partitions;

/** @param next the fault of the next call of anything */
export function fakeBroker(next: () => Fault) {
  const log: DeliveredRecord[] = [];
  const positions = new Map<string, number>();
  const partitionLog = (topic: string, partition: number) =>
    log.filter((record) => record.topic === topic && record.partition === partition);

  const append = (records: readonly OutgoingRecord[]) => {
    for (const { topic, key, value } of records) {
      const partition = partitionOf(key);
      const offset = String(partitionLog(topic, partition).length);
      log.push({ topic, partition, offset, key, value });
    }
  };

  const publish = async (records: readonly OutgoingRecord[]): Promise<void> => {
    const fault = next();
    if (fault === "before") throw new Lost();
    append(fault === "part" ? records.filter(({ key }) => partitionOf(key) === 0) : records);
    if (fault !== "none") throw new Lost();
  };

  /** Delivers up to `count` records of a partition to one who may fail. */
  const deliver = async (
    group: string,
    topic: string,
    partition: number,
    count: number,
    take: (records: readonly DeliveredRecord[]) => Promise<void>,
  ): Promise<number> => {
    const name = `${group} ${topic} ${partition}`;
    const from = positions.get(name) ?? 0;
    const records = partitionLog(topic, partition).slice(from, from + count);
    if (records.length === 0) return 0;
    await take(records);
    const fault = next();
    if (fault === "none" || fault === "after") positions.set(name, from + records.length);
    if (fault === "part") positions.set(name, Math.max(0, from - 1)); // another member was told an older position
    if (fault !== "none") throw new Lost();
    return records.length;
  };

  return { publish, deliver, partitions, log };
}
