/** Counts and sums of the whole shop: what was loaded, and what was acknowledged since. */
import type { Session } from "./database.ts";
import type { Finding } from "./finding.ts";
import type { WrittenEntry } from "./ledger.ts";
import type { Manifest } from "./load.ts";

/** Counts and sums: what was loaded, and what was acknowledged since; open writes may have happened or not. */
export async function loadFindings(
  session: Session,
  manifest: Manifest,
  entries: readonly WrittenEntry[],
  where: string,
): Promise<readonly Finding[]> {
  const [found] = await session.rows<Record<Figure, number>>(
    `SELECT (SELECT COUNT(*) FROM products) AS products, (SELECT COUNT(*) FROM merchants) AS merchants,
      (SELECT COUNT(*) FROM consumers) AS consumers, (SELECT COUNT(*) FROM orders) AS orders,
      (SELECT COALESCE(SUM(total_cents), 0) FROM orders) AS totalCents,
      (SELECT COUNT(*) FROM orders WHERE status = 'cancelled') AS cancelled,
      (SELECT COALESCE(SUM(initial_units), 0) FROM stock) AS initialUnits,
      (SELECT COUNT(*) FROM stock_movements) AS movements,
      (SELECT COALESCE(SUM(units), 0) FROM stock_movements) AS movedUnits`,
  );
  const bounds = expected(manifest, entries);
  return figures
    .filter((figure) => {
      const value = found?.[figure] ?? -1;
      return value < bounds[figure].low || value > bounds[figure].high;
    })
    .map((figure) => ({
      check: "counts-and-sums",
      where,
      detail: `${figure} is ${found?.[figure]}, expected ${range(bounds[figure])}`,
    }));
}

const figures = [
  "products",
  "merchants",
  "consumers",
  "orders",
  "totalCents",
  "cancelled",
  "initialUnits",
  "movements",
  "movedUnits",
] as const;
type Figure = (typeof figures)[number];
interface Range {
  readonly low: number;
  readonly high: number;
}

const range = ({ low, high }: Range) => (low === high ? `${low}` : `${low} to ${high}`);

/** Exported for its test. */
export function expected(
  manifest: Manifest,
  entries: readonly WrittenEntry[],
): Readonly<Record<Figure, Range>> {
  const sum = (kind: WrittenEntry["intent"]["do"], amount: (entry: WrittenEntry) => number): Range => {
    const asked = entries.filter((entry) => entry.intent.do === kind);
    const known = asked.filter((entry) => entry.answer?.is === "acknowledged");
    const open = asked.filter((entry) => entry.answer === undefined || entry.answer.is === "open");
    const total = (some: readonly WrittenEntry[]) => some.reduce((all, entry) => all + amount(entry), 0);
    const low = total(distinct(known));
    return { low, high: total(distinct([...known, ...open])) };
  };
  const above = (base: number, { low, high }: Range): Range => ({ low: base + low, high: base + high });
  const exactly = (value: number): Range => ({ low: value, high: value });
  const cents = (entry: WrittenEntry) => (entry.intent.do === "order" ? entry.intent.totalCents : 0);
  const units = (entry: WrittenEntry) => (entry.intent.do === "restock" ? entry.intent.units : 0);
  return {
    products: exactly(manifest.size.products),
    merchants: exactly(manifest.size.merchants),
    consumers: exactly(manifest.size.consumers),
    orders: above(
      manifest.orders,
      sum("order", () => 1),
    ),
    totalCents: above(manifest.totalCents, sum("order", cents)),
    cancelled: above(
      manifest.cancelledOrders,
      sum("cancel", () => 1),
    ),
    initialUnits: exactly(manifest.initialUnits),
    movements: sum("restock", () => 1),
    movedUnits: sum("restock", units),
  };
}

/**
 * An order that a lagging replica still showed as paid may be cancelled twice, and one whose answer did not reach the
 * visitor is placed again under its key: each acknowledged, one counts.
 */
function distinct(entries: readonly WrittenEntry[]): readonly WrittenEntry[] {
  const byTarget = new Map<string | WrittenEntry, WrittenEntry>(
    entries.map((entry) => {
      if (entry.intent.do === "cancel") return [entry.intent.number, entry] as const;
      return [entry.intent.do === "order" ? entry.intent.key : entry, entry] as const;
    }),
  );
  return [...byTarget.values()];
}
