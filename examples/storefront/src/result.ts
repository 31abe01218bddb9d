/**
 * The shop's results, one file a mall: each command replaces its own part. `mall verify` shows the part
 * `bench` with its age (MY-6), and the others likewise.
 */
import { join } from "node:path";
import { readJson, writeAtomic } from "@mallstack/platform/src/state.ts";

export const resultParts = ["load", "run", "check", "bench", "relevance"] as const;
export type ResultPart = (typeof resultParts)[number];

export const resultFile = (folder: string): string => join(folder, "result.json");

/** @param at milliseconds since the epoch */
export async function saveResult(
  folder: string,
  part: ResultPart,
  value: object,
  at: number = Date.now(),
): Promise<void> {
  const known = await readJson(resultFile(folder));
  const all = typeof known === "object" && known !== null ? known : {};
  const own = { at: new Date(at).toISOString(), ...value };
  await writeAtomic(resultFile(folder), `${JSON.stringify({ ...all, form: 1, [part]: own }, null, 2)}\n`);
}
