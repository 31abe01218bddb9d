/** Last results of what `verify` itself does not run: one file per check, with its time and the mall it was made on. */
import { join } from "node:path";
import { z } from "zod";
import { readJson, writeAtomic } from "../state.ts";
import type { CheckReport } from "./report.ts";

export interface StoredResult {
  readonly report: CheckReport & { readonly ranAt: string };
  /** Digest of the mall at that time: of another one it proves nothing about this one. */
  readonly configuration: string;
}

export interface ResultStore {
  read(check: string): Promise<StoredResult | undefined>;
  write(result: StoredResult): Promise<void>;
}

const bilingual = z.object({ en: z.string(), zh: z.string() });

/** What a program hands in; the rest of a report is the check's own. */
export const outcomeSchema = z.strictObject({
  id: z.string().min(1),
  verdict: z.enum(["pass", "fail", "deviates", "accepted"]),
  detail: bilingual,
  evidence: z.array(z.strictObject({ from: z.string(), read: z.string() })),
  durationMs: z.number().nonnegative(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

const storedSchema = z.object({
  configuration: z.string(),
  report: outcomeSchema.extend({
    service: z.string(),
    requirements: z.array(z.string()),
    title: bilingual,
    kind: z.enum(["read", "scratch", "disruptive"]),
    ranAt: z.iso.datetime(),
  }),
});

/** A file that is damaged or of another form counts as absent: the check can be run again. */
export function folderStore(folder: string): ResultStore {
  const path = (check: string) => join(folder, `${check}.json`);
  return {
    async read(check) {
      const stored = storedSchema.safeParse(await readJson(path(check)));
      return stored.success && stored.data.report.id === check ? stored.data : undefined;
    },
    write: (result) => writeAtomic(path(result.report.id), `${JSON.stringify(result, null, 2)}\n`),
  };
}

/** A report with the time and the mall it was made on. */
export const stamped = (report: CheckReport, ranAt: string, configuration: string): StoredResult => ({
  report: { ...report, ranAt },
  configuration,
});
