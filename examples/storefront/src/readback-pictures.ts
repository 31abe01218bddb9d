/** Reads pictures back by presigned addresses and holds them against the checksums that MySQL has. */
import { hash } from "node:crypto";
import type { Database } from "./database.ts";
import type { Finding } from "./finding.ts";
import type { Picture, PictureStore } from "./pictures/store.ts";

export interface PictureReadback {
  readonly pictures: number;
  readonly read: number;
  readonly bytes: number;
}

interface PictureRow {
  readonly product_id: number;
  readonly object_key: string;
  readonly content_type: string;
  readonly bytes: number;
  readonly sha256: string;
}

const atOnce = 12;
/**
 * MinIO may say for some seconds that it has no object that was written while one of its nodes was away, once that node
 * is back: what is absent is asked for again.
 */
const longestAbsenceMs = 15_000;
const againMs = 500;

/** @param most how many are read; the rest is counted */
export async function pictureFindings(
  primary: Database,
  store: Pick<PictureStore, "viewUrl" | "get">,
  most: number,
  absentForMs = longestAbsenceMs,
): Promise<{ readonly readback: PictureReadback; readonly findings: readonly Finding[] }> {
  const rows = await primary.use((session) =>
    session.rows<PictureRow>(
      "SELECT product_id, object_key, content_type, bytes, sha256 FROM pictures ORDER BY product_id",
    ),
  );
  const chosen = rows.slice(0, most);
  const found = new Map<PictureRow, Picture>();
  const until = Date.now() + absentForMs;
  for (;;) {
    const absent = chosen.filter((row) => !found.has(row));
    await ask(absent, store, found);
    if (found.size === chosen.length || Date.now() > until) break;
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
  const findings = chosen.flatMap((row): readonly Finding[] => {
    const problem = problemOf(row, found.get(row));
    if (problem === undefined) return [];
    return [
      {
        check: "pictures",
        where: "MinIO",
        detail: `the picture of product ${row.product_id} ${problem}`,
      },
    ];
  });
  const bytes = [...found.values()].reduce((sum, picture) => sum + picture.body.length, 0);
  return { readback: { pictures: rows.length, read: found.size, bytes }, findings };
}

async function ask(
  rows: readonly PictureRow[],
  store: Pick<PictureStore, "viewUrl" | "get">,
  found: Map<PictureRow, Picture>,
): Promise<void> {
  const queue = rows.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const row of queue) {
        const picture = await store.get(await store.viewUrl(row.object_key));
        if (picture !== undefined) found.set(row, picture);
      }
    }),
  );
}

function problemOf(row: PictureRow, picture: Picture | undefined): string | undefined {
  if (picture === undefined) return "is not there";
  if (picture.body.length !== row.bytes || hash("sha256", picture.body, "hex") !== row.sha256)
    return "has another content than was uploaded";
  return picture.contentType === row.content_type ? undefined : `has the type ${picture.contentType}`;
}
