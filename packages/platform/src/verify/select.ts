/** Which checks there are, which were asked for, and where each of them can run. Pure. */
import { nearest } from "../nearest.ts";
import type { AnyService, Check } from "../services/service.ts";
import type { Text } from "../text.ts";
import { genericChecks, genericName, genericTitle, type ServiceInContext } from "./checks/generic.ts";
import { verifyError } from "./errors.ts";
import { requirements } from "./requirements.ts";
import { missingPorts, type portsOf } from "./run-checks.ts";

export interface Candidate {
  readonly service: string;
  readonly title: Text;
  readonly check: Check;
}

export const checksOf = (service: AnyService): readonly Candidate[] =>
  service.checks.map((check) => ({ service: service.name, title: service.title, check }));

export const genericCandidates = (services: readonly ServiceInContext[]): readonly Candidate[] =>
  genericChecks.map((make) => ({ service: genericName, title: genericTitle, check: make(services) }));

/** Every id a user may name. */
export const isNamed = (ids: ReadonlySet<string>, { service, check }: Candidate): boolean =>
  ids.has(check.id) || ids.has(service) || check.requirements.some((r) => ids.has(r));

/** @throws VERIFY_ID_UNKNOWN for the first id that names nothing */
export function chosen(all: readonly Candidate[], ids: readonly string[]): readonly Candidate[] {
  if (ids.length === 0) return all;
  const known = new Set([
    ...all.flatMap((c) => [c.check.id, c.service]),
    ...requirements.map((requirement) => requirement.id),
  ]);
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined)
    throw verifyError.VERIFY_ID_UNKNOWN({ id: unknown, suggestion: nearest(unknown, [...known]) });
  const wanted = new Set(ids);
  return all.filter((candidate) => isNamed(wanted, candidate));
}

export type Place = "agent" | "here" | "stored" | "absent";

/** Net alone: in the agent, which sees every port; more: here, if the ports are. */
export function placeOf(
  check: Check,
  options: { readonly present: ReturnType<typeof portsOf>; readonly disruptive: boolean },
): Place {
  if (check.recordedBy !== undefined || (check.kind === "disruptive" && !options.disruptive)) return "stored";
  if (check.needs.every((port) => port === "net")) return "agent";
  return missingPorts(check, options.present).length === 0 ? "here" : "absent";
}
