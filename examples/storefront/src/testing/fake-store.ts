/**
 * The order tables in memory, with transactions that can fail at any of the places where real ones do. It knows
 * products 1 to 5 at `100 × id` cents, ten of each, of two merchants.
 */
import type { Draft } from "../events/schema.ts";
import type { Order, OrderStore, OrderTx, SoldLine } from "../orders.ts";
import type { DatabaseFailure } from "../retry.ts";

/** `lost …`: the connection breaks and the client does not know. The others are the server's own refusals. */
export type Fault = "none" | "deadlock" | "read-only" | "lost before commit" | "lost after commit";

interface StoredOrder {
  readonly id: number;
  readonly number: string;
  readonly key: string;
  readonly digest: string;
  readonly consumerId: number;
  readonly placedAt: Date;
  readonly totalCents: number;
  readonly status: "paid" | "cancelled";
  readonly lines: readonly SoldLine[];
}

interface Tables {
  orders: StoredOrder[];
  /** Events of committed transactions, in order. */
  readonly outbox: Draft[];
  readonly stock: Map<number, number>;
  readonly revisions: Map<number, number>;
  readonly prices: Map<number, number>;
  readonly payments: Map<string, number>;
  readonly accounts: Map<number, { sales: number; commission: number }>;
}

export const merchantOf = (productId: number): number => 1 + ((productId + 1) % 2);
export const commissionBp = (merchantId: number): number => merchantId * 333;
const productIds = [1, 2, 3, 4, 5];
const shelf = 10;

const failure = (message: string, parts: Partial<DatabaseFailure>): Error =>
  Object.assign(new Error(message), parts);

const shown = ({ id, number, consumerId, placedAt, totalCents, status }: StoredOrder): Order => ({
  id,
  number,
  consumerId,
  placedAt,
  totalCents,
  status,
});

export function fakeStore() {
  let tables: Tables = {
    orders: [],
    outbox: [],
    stock: new Map(productIds.map((id) => [id, shelf])),
    revisions: new Map(productIds.map((id) => [id, 1])),
    prices: new Map(productIds.map((id) => [id, id * 100])),
    payments: new Map(),
    accounts: new Map([1, 2].map((id) => [id, { sales: 0, commission: 0 }])),
  };
  const faults: Fault[] = [];
  let afterFault = () => {};
  let numbersTaken = 0;

  const store: OrderStore = {
    transaction: async (work) => {
      const fault = faults.shift() ?? "none";
      if (fault === "read-only")
        throw failure("--super-read-only", { errno: 1290, code: "ER_OPTION_PREVENTS_STATEMENT" });
      const own = structuredClone(tables);
      const value = await work(tx(own, () => numbersTaken-- > 0));
      if (fault === "deadlock") throw failure("Deadlock found", { errno: 1213, code: "ER_LOCK_DEADLOCK" });
      if (fault === "lost before commit")
        throw failure("read ECONNRESET", { code: "ECONNRESET", fatal: true });
      tables = own;
      if (fault === "lost after commit") {
        afterFault();
        throw failure("Connection lost", { code: "PROTOCOL_CONNECTION_LOST", fatal: true });
      }
      return value;
    },
  };

  /** Everything that the shop's invariants forbid, by the same sums that `check` asks the servers for. */
  const violations = (): readonly string[] => {
    const found: string[] = [];
    const standing = tables.orders.filter((o) => o.status === "paid").flatMap((o) => o.lines);
    for (const id of productIds) {
      const sold = standing.filter((l) => l.productId === id).reduce((sum, l) => sum + l.units, 0);
      if (tables.stock.get(id) !== shelf - sold) found.push(`stock of ${id}`);
    }
    for (const order of tables.orders) {
      const lines = order.lines.reduce((sum, l) => sum + l.units * l.unitPriceCents, 0);
      if (lines !== order.totalCents) found.push(`total of ${order.number}`);
      if (tables.payments.get(`${order.id} charge`) !== order.totalCents)
        found.push(`charge of ${order.number}`);
      const refund = tables.payments.get(`${order.id} refund`);
      if (refund !== (order.status === "cancelled" ? -order.totalCents : undefined))
        found.push(`refund of ${order.number}`);
    }
    for (const [id, account] of tables.accounts) {
      const own = standing.filter((l) => l.merchantId === id);
      if (account.sales !== own.reduce((sum, l) => sum + l.units * l.unitPriceCents, 0))
        found.push(`sales of ${id}`);
      if (account.commission !== own.reduce((sum, l) => sum + l.commissionCents, 0))
        found.push(`share of ${id}`);
    }
    if (
      tables.payments.size !==
      tables.orders.length + tables.orders.filter((o) => o.status === "cancelled").length
    )
      found.push("payments");
    return [...found, ...eventViolations(tables)];
  };

  return {
    store,
    faults,
    violations,
    now: () => tables,
    onFault: (then: () => void) => {
      afterFault = then;
    },
    takeNextNumber: () => {
      numbersTaken = 1;
    },
  };
}

/** Each change is announced once, in the order of its key, and the last event of a product shows its row. */
function eventViolations({ orders, outbox, stock, revisions }: Tables): readonly string[] {
  const found: string[] = [];
  const versions = new Map<string, number>();
  for (const { key, version } of outbox) {
    const before = versions.get(key) ?? (productIds.map(String).includes(key) ? 1 : 0);
    if (version !== before + 1) found.push(`event ${version} of ${key} after ${before}`);
    versions.set(key, version);
  }
  for (const { number, status } of orders)
    if (versions.get(number) !== (status === "paid" ? 1 : 2)) found.push(`events of ${number}`);
  for (const id of productIds) {
    const last = outbox.findLast((draft) => draft.key === String(id));
    if ((last?.version ?? 1) !== revisions.get(id)) found.push(`events of product ${id}`);
    if (last?.type === "product.changed" && last.availableUnits !== stock.get(id))
      found.push(`stock in the last event of ${id}`);
  }
  return found;
}

function tx(own: Tables, numberTaken: () => boolean): OrderTx {
  const change = (id: number, by: (order: StoredOrder) => StoredOrder) => {
    own.orders = own.orders.map((order) => (order.id === id ? by(order) : order));
  };
  const revise = (id: number) => own.revisions.set(id, (own.revisions.get(id) ?? 0) + 1);
  const pay = (name: string, cents: number) => {
    if (own.payments.has(name)) throw failure("Duplicate entry", { errno: 1062, code: "ER_DUP_ENTRY" });
    own.payments.set(name, cents);
  };
  return {
    claim: async (order) => {
      const known = own.orders.find((o) => o.key === order.key);
      if (known !== undefined) return { kind: "known", digest: known.digest, order: shown(known) };
      if (numberTaken() || own.orders.some((o) => o.number === order.number)) return { kind: "number-taken" };
      const id = own.orders.length + 1;
      const { number, key, digest, consumerId, placedAt, totalCents } = order;
      own.orders.push({
        id,
        number,
        key,
        digest,
        consumerId,
        placedAt,
        totalCents,
        status: "paid",
        lines: [],
      });
      return { kind: "claimed", id };
    },
    offers: async (ids) =>
      new Map(
        ids.flatMap((id) => {
          const priceCents = own.prices.get(id);
          if (priceCents === undefined) return [];
          const merchantId = merchantOf(id);
          return [[id, { priceCents, merchantId, commissionBp: commissionBp(merchantId) }] as const];
        }),
      ),
    take: async (id, units) => {
      const left = own.stock.get(id) ?? 0;
      if (left < units) return false;
      own.stock.set(id, left - units);
      revise(id);
      return true;
    },
    putBack: async (id, units) => {
      own.stock.set(id, (own.stock.get(id) ?? 0) + units);
      revise(id);
    },
    addLines: async (id, lines) => change(id, (order) => ({ ...order, lines })),
    linesOf: async (id) => own.orders.find((o) => o.id === id)?.lines ?? [],
    pay: async (id, kind, cents) => pay(`${id} ${kind}`, cents),
    credit: async (id, sales, commission) => {
      const account = own.accounts.get(id);
      if (account === undefined) throw new Error(`merchant ${id}`);
      account.sales += sales;
      account.commission += commission;
    },
    find: async (number) => own.orders.filter((o) => o.number === number).map(shown)[0],
    markCancelled: async (id) => change(id, (order) => ({ ...order, status: "cancelled" })),
    shelves: async (ids) =>
      ids.map((productId) => ({
        productId,
        revision: own.revisions.get(productId) ?? 0,
        priceCents: own.prices.get(productId) ?? 0,
        availableUnits: own.stock.get(productId) ?? 0,
        soldUnits: shelf - (own.stock.get(productId) ?? 0),
      })),
    announce: async (drafts) => {
      own.outbox.push(...drafts);
    },
  };
}
