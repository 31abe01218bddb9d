/** A simulated merchant. */
import { randomBytes } from "node:crypto";
import type { Catalogue } from "./catalogue.ts";
import { type Random, random } from "./data/random.ts";
import { changePrice, restock, unitsOf } from "./products.ts";
import { going, pause, type Run, readPage, timed, tolerate, write } from "./simulation.ts";

const merchantPauseMs = 40;

/** A merchant's life: look at a product of its own, change its price, fill the shelf. */
export async function merchant(run: Run, index: number): Promise<void> {
  const { shop, options } = run;
  const rng = random(options.seed, `merchant ${index}`);
  const catalogue = shop.catalogues[index % shop.catalogues.length];
  if (catalogue === undefined) return;
  while (going(run)) {
    // The next product of its own at or after a popular one: hot pages are the ones that change under readers.
    const near = run.product(rng);
    const id = near - (near % options.merchants) + index;
    try {
      if (id >= 1 && id <= options.size.products) {
        if (rng.chance(0.6)) await reprice(run, catalogue, id, rng);
        else await refill(run, id, rng);
      }
    } catch (error) {
      await tolerate(run, error);
    }
    await pause(rng.exponential(merchantPauseMs + options.thinkMs));
  }
}

async function reprice(run: Run, catalogue: Catalogue, id: number, rng: Random): Promise<void> {
  const page = await readPage(run, catalogue, id);
  if (page === undefined) return;
  const change = {
    productId: id,
    priceCents: Math.max(100, Math.round(page.priceCents * (0.9 + 0.2 * rng.next()))),
    version: page.version,
  };
  await write(run, { do: "price", ...change, version: page.version + 1 }, async () => {
    const done = await timed(run, "price", () =>
      changePrice(run.shop.primary, run.shop.outbox, catalogue, change, run.retrying),
    );
    if (done.kind !== "changed") return { is: "refused", why: done.kind };
    run.acknowledged.set(id, done.version);
    return { is: "acknowledged" };
  });
}

async function refill(run: Run, productId: number, rng: Random): Promise<void> {
  const left = await unitsOf(run.shop.primary, productId, run.retrying);
  if (left === undefined || left > 500) return;
  const movement = {
    key: randomBytes(16).toString("hex"),
    productId,
    units: rng.between(10, 100),
    at: new Date(),
  };
  await write(run, { do: "restock", key: movement.key, productId, units: movement.units }, async () =>
    (await timed(run, "restock", () => restock(run.shop.primary, run.shop.outbox, movement, run.retrying)))
      ? { is: "acknowledged" }
      : { is: "refused", why: "no such product" },
  );
}
