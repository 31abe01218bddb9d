/** `/usr/share/mallstack/packages.json` of an image: what went in, and what an upgrade would change of it. */
import { createHash } from "node:crypto";
import { z } from "zod";

export const packagesSchema = z.array(
  z.object({
    name: z.string(),
    version: z.string(),
    /** As its copyright file names them, its own first. */
    licences: z.array(z.string()),
  }),
);

export type Packages = readonly {
  readonly name: string;
  readonly version: string;
  readonly licences: readonly string[];
}[];

export const manifestSchema = z.object({
  image: z.string(),
  /** Upstream's own number of the software that the image is about. */
  version: z.string(),
  packages: packagesSchema,
});

export type Manifest = Readonly<z.output<typeof manifestSchema>>;

/** 64 hex digits over names and versions, in any order. */
export const packagesDigest = (packages: Packages): string =>
  createHash("sha256")
    .update(JSON.stringify(packages.map((p) => `${p.name} ${p.version}`).sort()))
    .digest("hex");

export interface PackageChange {
  readonly name: string;
  /** Absent: added. */
  readonly before?: string;
  /** Absent: gone. */
  readonly after?: string;
}

/** Pure. What differs, sorted by name; empty when the same packages are inside. */
export function packageChanges(before: Packages, after: Packages): readonly PackageChange[] {
  const [old, now] = [before, after].map((list) => new Map(list.map((p) => [p.name, p.version])));
  return [...new Set([...before, ...after].map((p) => p.name))].sort().flatMap((name) => {
    const change = { before: old?.get(name), after: now?.get(name) };
    if (change.before === change.after) return [];
    return [
      {
        name,
        ...(change.before === undefined ? {} : { before: change.before }),
        ...(change.after === undefined ? {} : { after: change.after }),
      },
    ];
  });
}
