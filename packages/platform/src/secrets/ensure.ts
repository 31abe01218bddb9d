/**
 * Makes what a plan wants and the store lacks, and issues again what no longer fits. May be killed at any
 * moment: every entry is written as a whole, in an order from which the next run goes on, and what exists is
 * never replaced but a certificate, whose loss costs nothing.
 */
import { randomInt } from "node:crypto";
import type { CertificateSecret, MallPlan, SecretId } from "../plan/model.ts";
import type { SecretBackend } from "./backend.ts";
import {
  canonicalIp,
  isIssuedBy,
  issueAuthority,
  issueLeaf,
  type KeyPair,
  readCertificate,
  renewBelow,
} from "./certificates.ts";
import { secretError } from "./errors.ts";
import {
  authorityKey,
  certificateKey,
  issuerOf,
  joinPair,
  readPair,
  readStore,
  type SecretSnapshot,
  type StoreState,
  trustedCertificates,
  trustedKey,
  valueKey,
  writeState,
} from "./store.ts";
import { type WantedSecrets, wantedSecrets } from "./wanted.ts";

/** Why a certificate is issued. */
export type IssueReason =
  | "absent"
  | "rotation"
  | "authority"
  | "names"
  | "expired"
  | "expiring"
  | "not-yet-valid";

export type SecretChange =
  | { readonly kind: "authority" | "generated"; readonly id: string }
  | { readonly kind: "certificate"; readonly id: SecretId; readonly reason: IssueReason };

export interface EnsureResult {
  /** Empty when the store already held everything. */
  readonly changes: readonly SecretChange[];
  /** What the store holds now, for the bundles. */
  readonly snapshot: SecretSnapshot;
}

export interface EnsureOptions {
  /** Milliseconds since the epoch; default the clock. */
  readonly now?: number;
}

/**
 * Idempotent. With nothing to do it only reads: no lock, no library loaded.
 * @throws SECRET_STORE_CORRUPT, SECRET_LOST, SECRET_EXTERNAL_ABSENT, AUTHORITY_EXPIRED, LOCK_HELD
 */
export async function ensureSecrets(
  plan: MallPlan,
  backend: SecretBackend,
  options: EnsureOptions = {},
): Promise<EnsureResult> {
  const now = options.now ?? Date.now();
  const wanted = wantedSecrets(plan);
  // Without the lock another process may be half way: an error is believed only when the lock is ours.
  const snapshot = await readStore(backend, wanted).catch(() => undefined);
  if (
    snapshot !== undefined &&
    isComplete(snapshot, wanted, now) &&
    (await trustIsWritten(backend, snapshot))
  ) {
    return { changes: [], snapshot };
  }
  return backend.exclusively(() => completeStore(plan.mall, wanted, backend, now));
}

/** The same for a caller that holds the store's lock already. */
export async function completeStore(
  mall: string,
  wanted: WantedSecrets,
  backend: SecretBackend,
  now: number,
): Promise<EnsureResult> {
  const before = await readStore(backend, wanted);
  const first = before.state === undefined ? await firstAuthority(mall, backend, before, now) : undefined;
  const snapshot = first ?? before;
  const { state } = snapshot;
  const issuer = issuerOf(snapshot);
  if (state === undefined || issuer === undefined) throw new Error("a store without the CA that signs");
  refuseExpired(backend, state, issuer, now);

  const issues = certificatesToIssue(snapshot, wanted, now);
  const missing = wanted.generated.filter((id) => !snapshot.values.has(id));
  const [issued, made] = await Promise.all([
    Promise.all(issues.map(async ({ secret }) => issue(backend, secret, issuer, state.epoch, now))),
    Promise.all(missing.map(async (id) => makePassword(backend, id))),
  ]);
  const generated = [...new Set([...state.generated, ...wanted.generated])].sort();
  const after: SecretSnapshot = {
    ...snapshot,
    state: { ...state, generated },
    values: new Map([...snapshot.values, ...made]),
    certificates: new Map([...snapshot.certificates, ...issued]),
  };
  // Last: from now on a value that is missing was lost.
  if (generated.length !== state.generated.length) await writeState(backend, { ...state, generated });
  if (!(await trustIsWritten(backend, after))) await backend.put(trustedKey, trustedCertificates(after));
  return {
    changes: [
      ...(first === undefined ? [] : [{ kind: "authority" as const, id: String(state.issuer) }]),
      ...missing.map((id) => ({ kind: "generated" as const, id })),
      ...issues.map(({ secret, reason }) => ({ kind: "certificate" as const, id: secret.id, reason })),
    ],
    snapshot: after,
  };
}

/** Pure. What has to be issued, and why. */
export function certificatesToIssue(
  snapshot: SecretSnapshot,
  wanted: WantedSecrets,
  now: number,
): readonly { readonly secret: CertificateSecret; readonly reason: IssueReason }[] {
  return wanted.certificates.flatMap((secret) => {
    const reason = issueReason(secret, snapshot.certificates.get(secret.id), snapshot, now);
    return reason === undefined ? [] : [{ secret, reason }];
  });
}

/** Pure. Why this certificate must be issued, or undefined when it may stay. */
export function issueReason(
  secret: CertificateSecret,
  pair: KeyPair | undefined,
  snapshot: SecretSnapshot,
  now: number,
): IssueReason | undefined {
  const issuer = issuerOf(snapshot);
  if (pair === undefined || issuer === undefined || snapshot.state === undefined) return "absent";
  const facts = readCertificate(pair.certificate);
  if (facts.notAfter <= now) return "expired";
  // The clock was ahead when it was issued and has been put right since.
  if (facts.notBefore > now) return "not-yet-valid";
  if (facts.epoch < snapshot.state.epoch) return "rotation";
  if (!isIssuedBy(pair.certificate, issuer.certificate)) return "authority";
  const same =
    facts.commonName === secret.commonName &&
    sameSet(facts.dnsNames, secret.dnsNames) &&
    sameSet(facts.ipAddresses, secret.ipAddresses.map(canonicalIp)) &&
    sameSet(facts.usage, secret.usage);
  if (!same) return "names";
  const lifeMs = facts.notAfter - facts.notBefore;
  // One cut short by its CA's own end cannot be made longer by issuing it again.
  const isCapped = facts.notAfter >= readCertificate(issuer.certificate).notAfter;
  return facts.notAfter - now < renewBelow * lifeMs && !isCapped ? "expiring" : undefined;
}

/** A password: 32 of [A-Za-z0-9], each drawn without bias (`randomInt` rejects instead of taking a modulus). */
export function newPassword(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: 32 }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}

function isComplete(snapshot: SecretSnapshot, wanted: WantedSecrets, now: number): boolean {
  const { state } = snapshot;
  return (
    state !== undefined &&
    wanted.generated.every((id) => snapshot.values.has(id) && state.generated.includes(id)) &&
    certificatesToIssue(snapshot, wanted, now).length === 0
  );
}

const trustIsWritten = async (backend: SecretBackend, snapshot: SecretSnapshot): Promise<boolean> =>
  (await backend.get(trustedKey)) === trustedCertificates(snapshot);

/** The CA, then the state that names it: killed between the two, the next run takes that same CA. */
async function firstAuthority(
  mall: string,
  backend: SecretBackend,
  before: SecretSnapshot,
  now: number,
): Promise<SecretSnapshot> {
  const authority = await authorityNumbered(mall, backend, 1, now);
  const state: StoreState = {
    version: 1,
    phase: "stable",
    issuer: 1,
    trusted: [1],
    epoch: 1,
    generated: [],
  };
  await writeState(backend, state);
  return { ...before, state, authorities: new Map([[1, authority]]) };
}

/** The CA of that number: the one a killed run has left, or a new one. For holders of the lock. */
export async function authorityNumbered(
  mall: string,
  backend: SecretBackend,
  number: number,
  now: number,
): Promise<KeyPair> {
  const left = await readPair(backend, authorityKey(number), "authority");
  if (left !== undefined) return left;
  const made = await issueAuthority(mall, number, now);
  await backend.put(authorityKey(number), joinPair(made));
  return made;
}

async function issue(
  backend: SecretBackend,
  secret: CertificateSecret,
  issuer: KeyPair,
  epoch: number,
  now: number,
): Promise<readonly [SecretId, KeyPair]> {
  const pair = await issueLeaf(secret, issuer, epoch, now);
  await backend.put(certificateKey(secret.id), joinPair(pair));
  return [secret.id, pair];
}

async function makePassword(
  backend: SecretBackend,
  id: SecretId,
): Promise<readonly [SecretId, { readonly current: string }]> {
  const current = newPassword();
  await backend.put(valueKey(id), current);
  return [id, { current }];
}

function refuseExpired(backend: SecretBackend, state: StoreState, issuer: KeyPair, now: number): void {
  const { notAfter } = readCertificate(issuer.certificate);
  if (notAfter > now) return;
  throw secretError.AUTHORITY_EXPIRED({
    file: backend.place(authorityKey(state.issuer)),
    notAfter: new Date(notAfter).toISOString().slice(0, 10),
  });
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((one) => right.has(one));
};
