/** Where the servers' states are kept for HAProxy's next start (state-text.ts says in which form). */
import { readFile, rename, writeFile } from "node:fs/promises";
import { stateFile } from "./names.ts";

/** @returns undefined when there is none. */
export const readStateFile = (): Promise<string | undefined> =>
  readFile(stateFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

/** A whole file or the former one: HAProxy may start at any moment. */
export async function writeStateFile(content: string): Promise<void> {
  await writeFile(`${stateFile}.new`, content);
  await rename(`${stateFile}.new`, stateFile);
}
