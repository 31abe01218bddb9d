/** Draws and uploads the pictures of the most popular products, by presigned addresses; what is there is left. */
import { hash } from "node:crypto";
import { categoryOf } from "../data/english.ts";
import type { Database } from "../database.ts";
import { drawPicture, objectKey, pictureType } from "./draw.ts";
import type { PictureStore } from "./store.ts";

export interface UploadOptions {
  readonly load: string;
  /** How many products have a picture in the end. */
  readonly wanted: number;
  readonly signal?: AbortSignal;
  readonly onMissing?: (count: number) => void;
  readonly onUploaded?: (count: number) => void;
}

const atOnce = 8;
const rowsAtOnce = 200;

interface Wanted {
  readonly id: number;
  readonly brand: string;
  readonly category_id: number;
}

/**
 * A row is written once its object is acknowledged, so that every row has its object; an object without a row, after
 * an interruption, is replaced by itself.
 * @returns how many were uploaded
 */
export async function uploadPictures(
  primary: Database,
  store: PictureStore,
  options: UploadOptions,
): Promise<number> {
  const missing = await primary.use((session) =>
    session.rows<Wanted>(
      `SELECT wanted.id, wanted.brand, wanted.category_id
       FROM (SELECT id, brand, category_id FROM products ORDER BY popularity_rank LIMIT ?) AS wanted
       LEFT JOIN pictures ON pictures.product_id = wanted.id WHERE pictures.product_id IS NULL`,
      [options.wanted],
    ),
  );
  options.onMissing?.(missing.length);
  for (let start = 0; start < missing.length; start += rowsAtOnce) {
    options.signal?.throwIfAborted();
    const slice = missing.slice(start, start + rowsAtOnce);
    const queue = slice.entries();
    const rows: (readonly (string | number | Date)[])[] = [];
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const [, product] of queue) {
          rows.push(await uploadOne(store, options.load, product));
          options.onUploaded?.(1);
        }
      }),
    );
    await primary.use((session) =>
      session.run(
        `INSERT INTO pictures (product_id, object_key, content_type, bytes, sha256, uploaded_at) VALUES ? AS new
         ON DUPLICATE KEY UPDATE object_key = new.object_key, bytes = new.bytes, sha256 = new.sha256,
           uploaded_at = new.uploaded_at`,
        [rows],
      ),
    );
  }
  return missing.length;
}

async function uploadOne(
  store: PictureStore,
  load: string,
  { id, brand, category_id }: Wanted,
): Promise<readonly (string | number | Date)[]> {
  const body = Buffer.from(drawPicture({ id, brand, category: categoryOf(category_id) }));
  const sha256 = hash("sha256", body, "hex");
  const key = objectKey(load, id, sha256);
  await store.put(await store.uploadUrl(key, pictureType), pictureType, body);
  return [id, key, pictureType, body.length, sha256, new Date()];
}

/** Where a product's picture is; undefined when it has none. */
export async function pictureOf(
  db: Database,
  productId: number,
): Promise<{ readonly key: string; readonly sha256: string } | undefined> {
  return await db.use(async (session) => {
    const [row] = await session.rows<{ object_key: string; sha256: string }>(
      "SELECT object_key, sha256 FROM pictures WHERE product_id = ?",
      [productId],
    );
    return row === undefined ? undefined : { key: row.object_key, sha256: row.sha256 };
  });
}
