/** Fills the search index from the rows. Events that are applied meanwhile win, since their revisions are higher. */
import type { Database } from "../database.ts";
import type { CatalogueIndex } from "./catalogue-index.ts";
import { documentsAfter } from "./documents-mysql.ts";

export interface FillOptions {
  readonly products: number;
  readonly signal?: AbortSignal;
  readonly onIndexed?: (count: number) => void;
}

const batchDocuments = 1_000;

/** @returns false when every product was there already. */
export async function fillIndex(
  primary: Database,
  index: CatalogueIndex,
  options: FillOptions,
): Promise<boolean> {
  if (await index.exists()) {
    await index.refresh();
    if ((await index.count()) === options.products) return false;
  } else await index.create();
  let after = 0;
  let writing: Promise<void> = Promise.resolve();
  for (;;) {
    options.signal?.throwIfAborted();
    const documents = await primary.use((session) => documentsAfter(session, after, batchDocuments));
    // The next rows are read while these are indexed.
    await writing;
    if (documents.length === 0) break;
    after = documents.at(-1)?.productId ?? after;
    writing = index.put(documents).then(() => options.onIndexed?.(documents.length));
    writing.catch(() => {});
  }
  await index.removeOthers();
  await index.refresh();
  return true;
}
