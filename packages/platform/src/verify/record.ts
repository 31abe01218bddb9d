/** Takes in what a program outside of the platform measured (docs/verify.md has the form). */
import { z } from "zod";
import { messageOf } from "../errors.ts";
import { verifyError } from "./errors.ts";
import { describe } from "./run-checks.ts";
import type { Candidate } from "./select.ts";
import { outcomeSchema, type ResultStore, type StoredResult, stamped } from "./store.ts";

export interface RecordInput {
  readonly file: string;
  readonly all: readonly Candidate[];
  readonly configuration: string;
  readonly store: ResultStore;
  readonly now: number;
}

/** @throws VERIFY_RECORD_INVALID when it is of another form, or no check that a program records. */
export async function recordOutcome(content: string, input: RecordInput): Promise<StoredResult> {
  const invalid = (problem: string) => verifyError.VERIFY_RECORD_INVALID({ file: input.file, problem });
  const outcome = outcomeSchema.safeParse(parse(content, invalid));
  if (!outcome.success) throw invalid(z.prettifyError(outcome.error));
  const candidate = input.all.find((c) => c.check.id === outcome.data.id);
  if (candidate?.check.recordedBy === undefined) {
    const known = input.all.filter((c) => c.check.recordedBy !== undefined).map((c) => c.check.id);
    throw invalid(`"${outcome.data.id}" is none of: ${known.join(", ")}`);
  }
  const report = { ...describe(candidate.service, candidate.check), ...outcome.data };
  const stored = stamped(report, new Date(input.now).toISOString(), input.configuration);
  await input.store.write(stored);
  return stored;
}

function parse(content: string, invalid: (problem: string) => Error): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw invalid(messageOf(error));
  }
}
