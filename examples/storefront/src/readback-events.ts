/** Holds orders, events, the broker's topics and the sales figures against each other. */
import type { Database, Session } from "./database.ts";
import type { Bus } from "./events/bus.ts";
import { keptDays } from "./events/outbox.ts";
import { parseEvent, type Topic, topics } from "./events/schema.ts";
import type { Finding } from "./finding.ts";
import type { Manifest } from "./load.ts";
import { salesOfOrders } from "./schema.ts";

export interface EventReadback {
  /** Events that this shop announced. */
  readonly events: number;
  /** Records of this shop in the topics. */
  readonly records: number;
  /** Records beyond the first of an event. */
  readonly repeated: number;
  /** Events that nobody could read. */
  readonly rejected: number;
}

/** What must hold in the tables by themselves, on every server. A day short of what is kept: nothing is pruned yet. */
export async function announcedFindings(
  session: Session,
  manifest: Manifest,
  where: string,
): Promise<readonly Finding[]> {
  const recent = `NOW(3) - INTERVAL ${keptDays - 1} DAY`;
  const rules: readonly { readonly says: string; readonly sql: string }[] = [
    {
      says: "an order has not exactly one event of its placing",
      sql: `SELECT o.number FROM orders o LEFT JOIN outbox e ON e.topic = '${topics.orders}' AND e.event_key = o.number
        AND e.version = 1 WHERE o.id > ${Number(manifest.orders)} AND o.placed_at > ${recent}
        GROUP BY o.number HAVING COUNT(e.id) <> 1`,
    },
    {
      says: "a cancelled order has not exactly one event of it, or a standing one has",
      sql: `SELECT o.number, o.status FROM orders o LEFT JOIN outbox e ON e.topic = '${topics.orders}'
        AND e.event_key = o.number AND e.version = 2
        WHERE (o.id > ${Number(manifest.orders)} OR e.id IS NOT NULL) AND (o.cancelled_at IS NULL OR o.cancelled_at > ${recent})
        GROUP BY o.number, o.status HAVING COUNT(e.id) <> (o.status = 'cancelled')`,
    },
    {
      says: "a product's last event is not its present revision",
      sql: `SELECT s.product_id, s.revision, MAX(e.version) AS announced FROM stock s
        JOIN outbox e ON e.topic = '${topics.products}' AND e.event_key = CAST(s.product_id AS CHAR CHARACTER SET ascii)
        GROUP BY s.product_id, s.revision HAVING announced <> s.revision`,
    },
    {
      says: "a product changed without an event",
      sql: `SELECT s.product_id, s.revision, COUNT(e.id) AS events FROM stock s
        LEFT JOIN outbox e ON e.topic = '${topics.products}'
        AND e.event_key = CAST(s.product_id AS CHAR CHARACTER SET ascii)
        WHERE s.revision > 1 AND NOT EXISTS (SELECT 1 FROM loads WHERE finished_at < ${recent})
        GROUP BY s.product_id, s.revision HAVING events <> s.revision - 1`,
    },
    {
      says: "an event is in the sales figures that nobody announced",
      sql: `SELECT a.event_id FROM applied_events a LEFT JOIN outbox e USING (event_id)
        WHERE e.event_id IS NULL AND a.applied_at > ${recent}`,
    },
    {
      says: "an announced order is not in the sales figures",
      sql: `SELECT e.event_id, e.event_key FROM outbox e LEFT JOIN applied_events a USING (event_id)
        WHERE e.topic = '${topics.orders}' AND a.event_id IS NULL`,
    },
    { says: "an event is not published", sql: "SELECT event_id FROM outbox WHERE published_at IS NULL" },
    {
      says: "an event could not be read",
      sql: "SELECT topic, kafka_partition, kafka_offset, reason FROM rejected_events",
    },
    {
      says: "a merchant's day is not the sum of its orders",
      sql: `SELECT d.merchant_id, d.day, d.sales_cents, o.sales_cents AS ordered FROM sales_days d
        LEFT JOIN (${salesOfOrders}) o ON o.merchant_id = d.merchant_id AND o.day = d.day
        WHERE NOT (d.orders <=> o.orders AND d.cancelled_orders <=> o.cancelled_orders AND d.units <=> o.units
          AND d.sales_cents <=> o.sales_cents AND d.commission_cents <=> o.commission_cents)`,
    },
    {
      says: "a day with orders has no sales figures",
      sql: `SELECT o.merchant_id, o.day FROM (${salesOfOrders}) o LEFT JOIN sales_days d
        ON d.merchant_id = o.merchant_id AND d.day = o.day WHERE d.day IS NULL`,
    },
  ];
  const findings: Finding[] = [];
  for (const { says, sql } of rules)
    for (const row of await session.rows<Record<string, unknown>>(`${sql} LIMIT 5`))
      findings.push({ check: "events", where, detail: `${says}: ${JSON.stringify(row)}` });
  return findings;
}

export const announcedRules = 10;

interface Announced {
  readonly event_id: string;
  readonly topic: string;
  readonly event_key: string;
  readonly version: number;
}

/**
 * Each event of the outbox is in its topic under its key, in the order of the key once repetitions are dropped, and
 * no other event of this shop is there.
 */
export async function brokerFindings(
  primary: Database,
  bus: Pick<Bus, "readAll">,
  load: string,
): Promise<{ readonly readback: EventReadback; readonly findings: readonly Finding[] }> {
  const announced = await primary.use((session) =>
    session.rows<Announced>(
      "SELECT event_id, topic, event_key, version FROM outbox WHERE written_at > NOW(3) - INTERVAL ? DAY",
      [keptDays - 1],
    ),
  );
  const [other] = await primary.use((session) =>
    session.rows<{ rejected: number; older: number }>(
      `SELECT (SELECT COUNT(*) FROM rejected_events) AS rejected,
        (SELECT COUNT(*) FROM loads WHERE finished_at < NOW(3) - INTERVAL ? DAY) AS older`,
      [keptDays - 1],
    ),
  );
  const book = recordBook(load);
  for (const topic of Object.values(topics))
    await bus.readAll(topic, ({ key, value }) => book.add(topic, key, value));
  return {
    readback: { ...book.counts(), events: announced.length, rejected: other?.rejected ?? 0 },
    findings: book.findings(announced, other?.older === 0),
  };
}

/** Pure but for what is added to it. Exported for its test. */
export function recordBook(load: string) {
  const first = new Map<string, { readonly topic: Topic; readonly key: string; readonly version: number }>();
  const versions = new Map<string, number>();
  const problems: string[] = [];
  let records = 0;
  return {
    add: (topic: Topic, key: string, value: string) => {
      const parsed = parseEvent(value);
      if (!parsed.ok || parsed.event.load !== load) return;
      records += 1;
      const { id, version } = parsed.event;
      if (first.has(id)) return;
      first.set(id, { topic, key, version });
      const before = versions.get(`${topic} ${key}`) ?? 0;
      if (version <= before) problems.push(`${topic}: version ${version} of ${key} comes after ${before}`);
      versions.set(`${topic} ${key}`, version);
    },
    counts: () => ({ records, repeated: records - first.size }),
    /** @param whole whether everything that was ever announced is in `announced` */
    findings: (announced: readonly Announced[], whole: boolean): readonly Finding[] => {
      const known = new Map(announced.map((event) => [event.event_id, event]));
      const lost = announced.filter((event) => {
        const record = first.get(event.event_id);
        return record?.topic !== event.topic || record.key !== event.event_key;
      });
      const strange = whole ? [...first].filter(([id]) => !known.has(id)) : [];
      return [
        ...problems,
        ...lost.map((event) => `event ${event.version} of ${event.event_key} is not in ${event.topic}`),
        ...strange.map(
          ([, one]) => `version ${one.version} of ${one.key} in ${one.topic} was announced by nobody`,
        ),
      ].map((detail) => ({ check: "broker", where: "Kafka", detail }));
    },
  };
}
