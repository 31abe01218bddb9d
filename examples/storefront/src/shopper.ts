/** A simulated consumer. */
import { randomBytes } from "node:crypto";
import type { CartLine } from "./cart.ts";
import type { Catalogue, ProductPage } from "./catalogue.ts";
import { type Random, random } from "./data/random.ts";
import { categories } from "./data/vocabulary.ts";
import { cancelOrder, type OrderRequest, placeOrder } from "./orders.ts";
import { latestOrders } from "./orders-mysql.ts";
import { listing } from "./products.ts";
import { going, pause, type Run, readPage, timed, tolerate, write } from "./simulation.ts";

/** A consumer's life: log in, look around, fill the cart, buy, sometimes think better of it. */
export async function shopper(run: Run, index: number): Promise<void> {
  const { shop, options } = run;
  const rng = random(options.seed, `shopper ${index}`);
  const catalogue = shop.catalogues[index % shop.catalogues.length];
  if (catalogue === undefined) return;
  const consumerId = 1 + (index % options.size.consumers);
  let token: string | undefined;
  while (going(run)) {
    try {
      token = await loggedIn(run, token, consumerId);
      const page = await browse(run, catalogue, rng);
      if (page !== undefined && rng.chance(0.5))
        await shop.carts.add(consumerId, page.id, 1 + (rng.chance(0.25) ? rng.between(1, 3) : 0));
      if (rng.chance(0.2)) await checkOut(run, catalogue, consumerId);
      if (rng.chance(0.02)) await cancelOne(run, consumerId, rng);
    } catch (error) {
      await tolerate(run, error);
    }
    await pause(rng.exponential(options.thinkMs));
  }
}

async function loggedIn(run: Run, token: string | undefined, consumerId: number): Promise<string> {
  const { sessions } = run.shop;
  if (token !== undefined) {
    if ((await timed(run, "session", () => sessions.find(token))) === consumerId) return token;
    run.lost.sessions += 1;
  }
  return await sessions.begin(consumerId);
}

async function browse(run: Run, catalogue: Catalogue, rng: Random): Promise<ProductPage | undefined> {
  if (rng.chance(0.2)) {
    const category = rng.pick(categories);
    const ids = await timed(run, "listing", () =>
      listing(run.shop.replicas, category.id, Math.floor(rng.exponential(0.7)), run.retrying),
    );
    const pages = await Promise.all(ids.map((id) => readPage(run, catalogue, id)));
    return pages.length === 0 ? undefined : rng.pick(pages);
  }
  return await readPage(run, catalogue, run.product(rng));
}

async function checkOut(run: Run, catalogue: Catalogue, consumerId: number): Promise<void> {
  const cart = await run.shop.carts.read(consumerId);
  if (cart.length === 0) return;
  const bought = cart.slice(0, 6);
  const pages = await Promise.all(bought.map((line) => readPage(run, catalogue, line.productId)));
  const lines = bought.flatMap((line, i) => {
    const page = pages[i];
    return page === undefined ? [] : [{ ...line, unitPriceCents: page.priceCents }];
  });
  const request: OrderRequest = {
    key: randomBytes(16).toString("hex"),
    consumerId,
    lines,
    placedAt: new Date(),
  };
  const totalCents = lines.reduce((sum, line) => sum + line.units * line.unitPriceCents, 0);
  const gone: CartLine[] = [];
  await write(run, { do: "order", key: request.key, consumerId, totalCents }, async () => {
    const placed = await timed(run, "order", () => placeOrder(run.shop.orders, request, run.retrying));
    if (placed.kind === "placed") {
      gone.push(...bought);
      return { is: "acknowledged", number: placed.order.number, attempts: placed.attempts };
    }
    // Sold out: out of the cart. A changed price is seen, and agreed to or not, at the next checkout.
    if (placed.kind !== "price-changed") gone.push(...bought.filter((l) => l.productId === placed.productId));
    return { is: "refused", why: placed.kind };
  });
  if (gone.length > 0) await run.shop.carts.take(consumerId, gone);
}

async function cancelOne(run: Run, consumerId: number, rng: Random): Promise<void> {
  const orders = await latestOrders(run.shop.replicas, consumerId, 5, run.retrying);
  const own = orders.filter((order) => order.status === "paid" && order.id > run.options.size.orders);
  if (own.length === 0) return;
  const { number } = rng.pick(own);
  await write(run, { do: "cancel", number }, async () => {
    const done = await timed(run, "cancel", () =>
      cancelOrder(run.shop.orders, number, new Date(), run.retrying),
    );
    return done.kind === "cancelled"
      ? { is: "acknowledged", number, attempts: done.attempts }
      : { is: "refused", why: done.kind };
  });
}
