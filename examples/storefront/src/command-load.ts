/** `load`: rows, then the search index, then pictures. What is there already stays; an interrupted one goes on. */
import { type Command, readWithinMs } from "./command.ts";
import { connections } from "./connect.ts";
import { database } from "./database.ts";
import { type LoadResult, load, sizeText } from "./load.ts";
import { yuan } from "./money.ts";
import { pictureStore } from "./pictures/store.ts";
import { uploadPictures } from "./pictures/upload.ts";
import { progress } from "./progress.ts";
import { saveResult } from "./result.ts";
import { catalogueIndex } from "./search/catalogue-index.ts";
import { searchCluster } from "./search/elastic.ts";
import { fillIndex } from "./search/fill.ts";

const out = process.stderr;
/** Nobody waits for one picture: a store that is away for a while costs time, not the load. */
const uploadWithinMs = 120_000;

export const loadCommand: Command = async (given, signal) => {
  const began = Date.now();
  const to = await connections();
  const db = database(to.primary, { connections: 3, statementTimeoutMs: 2 * readWithinMs });
  const cluster = searchCluster(to.search);
  const pictures = pictureStore(to.pictures, uploadWithinMs);
  try {
    const rows = await load(db, given.size, { fresh: given.fresh, out, signal });
    const { id, size } = rows.manifest;
    const indexing = progress({ label: "search", total: size.products, out });
    const indexed = await fillIndex(db, catalogueIndex(cluster, id), {
      products: size.products,
      signal,
      onIndexed: (count) => indexing.add(count),
    });
    if (indexed) indexing.done();
    const wanted = Math.min(given.pictures, size.products);
    const drawing = progress({ label: "pictures", total: wanted, out });
    const uploaded = await uploadPictures(db, pictures, {
      load: id,
      wanted,
      signal,
      onMissing: (count) => drawing.add(wanted - count),
      onUploaded: (count) => drawing.add(count),
    });
    if (uploaded > 0) drawing.done();
    const tookMs = Date.now() - began;
    const document = { ...rows.manifest, already: rows.already, rows: rows.rows, indexed, uploaded, tookMs };
    if (!rows.already || indexed || uploaded > 0) await saveResult(given.folder, "load", document);
    return { ok: true, document, text: loadText({ ...rows, tookMs }, indexed, uploaded) };
  } finally {
    await Promise.all([db.close(), cluster.close(), pictures.close()]);
  }
};

function loadText(
  { manifest, already, rows, tookMs }: LoadResult,
  indexed: boolean,
  uploaded: number,
): string {
  const what = `${sizeText(manifest.size)}; ${manifest.lines} order lines, ${yuan(manifest.totalCents)}`;
  if (already && !indexed && uploaded === 0) return `This shop is loaded already: ${what}.`;
  const parts = [
    ...(already ? [] : [`${rows.toLocaleString("en")} rows`]),
    ...(indexed ? [`${manifest.size.products.toLocaleString("en")} documents for search`] : []),
    ...(uploaded > 0 ? [`${uploaded.toLocaleString("en")} pictures`] : []),
  ];
  return `Loaded ${what}.\n${parts.join(", ")} in ${(tookMs / 1_000).toFixed(1)} s.`;
}
