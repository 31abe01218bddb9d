/**
 * Keeps the search index up to date. An event says that a product has reached a revision; the whole row as it is now
 * is read and written under that row's revision, which the index only lets grow. So repetitions, late events and
 * several events of one product at once all end in the same document, and one that is missing comes back by itself.
 */
import type { Projection } from "../events/projection.ts";
import type { ProductDocument } from "./document.ts";

export interface SearchProjectionPorts {
  /** From the primary: a replica may not have the change yet. */
  documents(productIds: readonly number[]): Promise<readonly ProductDocument[]>;
  /** Each is kept unless the index has a later revision. */
  index(documents: readonly ProductDocument[]): Promise<void>;
}

export const searchProjection = (ports: SearchProjectionPorts): Projection => ({
  apply: async (events) => {
    const newest = new Map<number, number>();
    for (const event of events)
      if (event.type === "product.changed") {
        const productId = Number(event.key);
        newest.set(productId, Math.max(event.version, newest.get(productId) ?? 0));
      }
    if (newest.size === 0) return;
    const documents = await ports.documents([...newest.keys()]);
    for (const { productId, revision } of documents)
      if (revision < (newest.get(productId) ?? 0))
        throw new Error(`the database shows revision ${revision} of product ${productId}: it is behind`);
    await ports.index(documents);
  },
});
