/** Holds the search index against the rows: the same products, each as it is. */
import type { Database } from "./database.ts";
import type { Finding } from "./finding.ts";
import type { CatalogueIndex } from "./search/catalogue-index.ts";
import type { ProductDocument } from "./search/document.ts";
import { documentsAfter } from "./search/documents-mysql.ts";

export interface SearchReadback {
  readonly documents: number;
  /** Time until the last change was found, from the first look, in ms. */
  readonly waitedMs: number;
}

const rowsAtOnce = 2_000;
const againMs = 300;

/** @param withinMs how long documents may still be older than their rows */
export async function searchFindings(
  primary: Database,
  index: Pick<CatalogueIndex, "refresh" | "readAll">,
  withinMs: number,
): Promise<{ readonly readback: SearchReadback; readonly findings: readonly Finding[] }> {
  const began = Date.now();
  for (;;) {
    const documents = new Map<number, ProductDocument>();
    await index.refresh();
    await index.readAll((page) => {
      for (const document of page) documents.set(document.productId, document);
    });
    const found = documents.size;
    const { findings, behind } = await compare(primary, documents);
    const waitedMs = Date.now() - began;
    if (behind === 0 || waitedMs > withinMs) return { readback: { documents: found, waitedMs }, findings };
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** Takes out of `documents` what has a row. */
async function compare(
  primary: Database,
  documents: Map<number, ProductDocument>,
): Promise<{ readonly findings: readonly Finding[]; readonly behind: number }> {
  const findings: Finding[] = [];
  let behind = 0;
  const wrong = (detail: string) => findings.push({ check: "search", where: "Elasticsearch", detail });
  for (let after = 0; ; ) {
    const rows = await primary.use((session) => documentsAfter(session, after, rowsAtOnce));
    for (const row of rows) {
      const found = documents.get(row.productId);
      documents.delete(row.productId);
      if (found === undefined || found.revision < row.revision) behind += 1;
      const differing = differences(row, found);
      if (differing.length > 0) wrong(`product ${row.productId}: ${differing.join(", ")}`);
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.productId;
  }
  for (const id of documents.keys()) wrong(`product ${id} is found and does not exist`);
  return { findings, behind };
}

/** Field by field. Exported for its test. */
export function differences(row: ProductDocument, found: ProductDocument | undefined): readonly string[] {
  if (found === undefined) return ["it is not found"];
  return (Object.keys(row) as (keyof ProductDocument)[])
    .filter((key) => JSON.stringify(row[key]) !== JSON.stringify(found[key]))
    .map((key) => `${key} is ${JSON.stringify(found[key])}, stored is ${JSON.stringify(row[key])}`);
}
