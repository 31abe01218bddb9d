/** From delivered records to what is made of them: read, checked, each event once. */
import type { DeliveredRecord } from "./bus.ts";
import { parseEvent, type ShopEvent } from "./schema.ts";

/**
 * Something that is kept up to date by events. `apply` is told each event at least once, those of a key in order but
 * for repetitions, and must come out the same however often it is told; when it throws, it is told again.
 */
export interface Projection {
  apply(events: readonly ShopEvent[]): Promise<void>;
}

export interface Intake {
  /** Events of another load are no concern of this shop. */
  readonly load: string;
  readonly projection: Projection;
  /** Keeps record of what cannot be read, which must not hold up what comes after it. */
  readonly reject: (record: DeliveredRecord, why: string) => Promise<void>;
}

export const intake =
  ({ load, projection, reject }: Intake) =>
  async (records: readonly DeliveredRecord[]): Promise<void> => {
    const events = new Map<string, ShopEvent>();
    for (const record of records) {
      const parsed = parseEvent(record.value);
      if (!parsed.ok) await reject(record, parsed.why);
      else if (parsed.event.load === load && !events.has(parsed.event.id))
        events.set(parsed.event.id, parsed.event);
    }
    if (events.size > 0) await projection.apply([...events.values()]);
  };
