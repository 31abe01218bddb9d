/** What `mall certs list` and `mall secrets list` show. Pure; no value and no key is in any of it. */
import type { InstanceName, MallPlan, RotateBy, SecretId } from "../plan/model.ts";
import { readCertificate } from "./certificates.ts";
import { type IssueReason, issueReason } from "./ensure.ts";
import { type AuthorityPhase, issuerOf, type SecretSnapshot, type SecretValue } from "./store.ts";
import { holdersOf, wantedSecrets } from "./wanted.ts";

const dayMs = 86_400_000;

/**
 * `served`: seen on the wire; `stale`: the server shows another one, and the agent is about to change that;
 * `unknown`: nobody who was asked has looked.
 */
export type ServedVerdict = "served" | "stale" | "unknown";

export interface CertificateRow {
  readonly kind: "authority" | "leaf";
  /** Name of the CA's file, or of the certificate: an instance, or a client such as `operator`. */
  readonly id: string;
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly issuer: string;
  /** ISO 8601. */
  readonly notAfter: string;
  /** Whole days until then; negative when it is past. */
  readonly daysLeft: number;
  readonly fingerprint: string;
  readonly holders: readonly InstanceName[];
  readonly rotate?: RotateBy;
  readonly served?: ServedVerdict;
  /** Why the next `mall up` issues it again. */
  readonly due?: IssueReason;
}

export interface CertificateList {
  /** Undefined before the first `mall up`. */
  readonly phase: AuthorityPhase | undefined;
  readonly certificates: readonly CertificateRow[];
  /** Certificates of the plan that were not made yet. */
  readonly missing: readonly SecretId[];
}

/** @param states what the agent says of each service, whatever its form; see {@link servedVerdicts}. */
export function certificateList(
  plan: MallPlan,
  snapshot: SecretSnapshot,
  now: number,
  states: readonly unknown[] = [],
): CertificateList {
  const wanted = wantedSecrets(plan).certificates;
  const verdicts = servedVerdicts(states);
  const authorities = [...snapshot.authorities].map(([number, pair]): CertificateRow => {
    return { kind: "authority", id: `ca-${number}`, ...namesAndTimes(pair.certificate, now), holders: [] };
  });
  const leaves = wanted.flatMap((secret): readonly CertificateRow[] => {
    const pair = snapshot.certificates.get(secret.id);
    if (pair === undefined) return [];
    const facts = namesAndTimes(pair.certificate, now);
    const due = issuerOf(snapshot) === undefined ? undefined : issueReason(secret, pair, snapshot, now);
    return [
      {
        kind: "leaf",
        id: secret.id,
        ...facts,
        holders: holdersOf(plan, secret.id),
        rotate: secret.rotate,
        ...(secret.usage.includes("server") ? { served: verdicts.get(facts.fingerprint) ?? "unknown" } : {}),
        ...(due === undefined ? {} : { due }),
      },
    ];
  });
  return {
    phase: snapshot.state?.phase,
    certificates: [...authorities, ...leaves],
    missing: wanted.flatMap(({ id }) => (snapshot.certificates.has(id) ? [] : [id])),
  };
}

export interface SecretRow {
  readonly id: SecretId;
  readonly kind: "generated" | "external";
  readonly holders: readonly InstanceName[];
  /**
   * `introduced`: servers are given a new value that clients do not have yet. `rotating`: clients have it, and the
   * previous one is accepted as well.
   */
  readonly state: "absent" | "current" | "introduced" | "rotating";
}

export function secretList(plan: MallPlan, snapshot: SecretSnapshot): readonly SecretRow[] {
  const wanted = wantedSecrets(plan);
  const row = (kind: SecretRow["kind"]) => (id: SecretId) => ({
    id,
    kind,
    holders: holdersOf(plan, id),
    state: stateOf(snapshot.values.get(id)),
  });
  return [...wanted.generated.map(row("generated")), ...wanted.external.map(row("external"))].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
}

function stateOf(value: SecretValue | undefined): SecretRow["state"] {
  if (value === undefined) return "absent";
  if (value.next !== undefined) return "introduced";
  return value.previous === undefined ? "current" : "rotating";
}

/**
 * By fingerprint of the certificate that should be served. Services put what they saw into their state as
 * `ServedCertificate` (services/served-certificate.ts); it is found wherever it stands, so that no service is known here.
 */
export function servedVerdicts(states: readonly unknown[]): ReadonlyMap<string, ServedVerdict> {
  const verdicts = new Map<string, ServedVerdict>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("served" in value && "wanted" in value && typeof value.wanted === "string") {
      const seen = fingerprintOf(value.served);
      if (seen !== undefined && verdicts.get(value.wanted) !== "stale") {
        verdicts.set(value.wanted, seen === value.wanted ? "served" : "stale");
      }
      return;
    }
    for (const inner of Object.values(value)) visit(inner);
  };
  for (const state of states) visit(state);
  return verdicts;
}

/** Undefined where the server could not be reached: that says nothing about its certificate. */
const fingerprintOf = (served: unknown): string | undefined =>
  typeof served === "object" && served !== null && "fingerprint" in served
    ? String(served.fingerprint)
    : undefined;

function namesAndTimes(certificate: string, now: number) {
  const { commonName, dnsNames, ipAddresses, issuer, notAfter, fingerprint } = readCertificate(certificate);
  return {
    commonName,
    dnsNames,
    ipAddresses,
    issuer,
    notAfter: new Date(notAfter).toISOString(),
    daysLeft: Math.floor((notAfter - now) / dayMs),
    fingerprint,
  };
}
