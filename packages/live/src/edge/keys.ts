/** The play keys: read from the secrets' folder, kept in memory that all workers share, never written anywhere. */
import fs from "node:fs";
import { shortestKey } from "../signature/sign.ts";
import type { Keys } from "../signature/verify.ts";
import type { SharedDict } from "./njs.ts";

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}

/**
 * Reads both keys anew. A folder that cannot be read at this moment changes nothing: streams go on with what is known.
 * A previous key that is gone is forgotten.
 * @returns whether a usable primary key was read
 */
export function refreshKeys(folder: string, dict: SharedDict<string>): boolean {
  const primary = read(`${folder}/play.key`);
  if (primary === undefined || primary.length < shortestKey) return false;
  const previous = read(`${folder}/play.key.previous`);
  if (previous === undefined || previous.length < shortestKey) dict.delete("previous");
  else dict.set("previous", previous);
  dict.set("primary", primary);
  return true;
}

/** The keys; read at once where nothing has read them yet. Undefined: there are none, and nothing can be judged. */
export function currentKeys(folder: string, dict: SharedDict<string>): Keys | undefined {
  let primary = dict.get("primary");
  if (primary === undefined && refreshKeys(folder, dict)) primary = dict.get("primary");
  return primary === undefined ? undefined : { primary, previous: dict.get("previous") };
}
