/**
 * The mirror that the host's own apt takes its distribution from: it is known to be reachable from here, which no
 * name written into this program could be.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Distribution } from "./recipe.ts";

/** Last part of a mirror's path, by the convention of all public mirrors. */
const endings: Readonly<Record<Distribution["name"], RegExp>> = {
  debian: /\/debian$/,
  ubuntu: /\/ubuntu(-ports)?$/,
};

/** Pure. The first http or https address in apt's sources, of either format, that is a mirror of the distribution. */
export function mirrorIn(sources: readonly string[], distribution: Distribution["name"]): string | undefined {
  const lines = sources.flatMap((text) => text.split("\n")).filter((line) => !/^\s*#/.test(line));
  const addresses = lines.flatMap((line) => [...line.matchAll(/https?:\/\/\S+/g)].map(([url]) => url));
  return addresses.map((url) => url.replace(/\/+$/, "")).find((url) => endings[distribution].test(url));
}

/** Reads /etc/apt; undefined where it names no such mirror, as on a machine that installs from a disk. */
export async function hostMirror(distribution: Distribution["name"]): Promise<string | undefined> {
  const folder = "/etc/apt/sources.list.d";
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => /\.(list|sources)$/.test(name))
    .sort();
  const paths = ["/etc/apt/sources.list", ...names.map((name) => join(folder, name))];
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
  return mirrorIn(texts, distribution);
}
