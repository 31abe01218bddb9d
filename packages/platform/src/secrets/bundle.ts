/**
 * What stands in an instance's folder `/secrets/<instance>/current/`. Pure: snapshot in, files out; how they get
 * there is the target's business.
 */
import { createHash } from "node:crypto";
import type { Instance, MallPlan, SecretId } from "../plan/model.ts";
import { credentialsFolder, fingerprintsFile, previousSuffix } from "../plan/names.ts";
import { type KeyPair, readCertificate } from "./certificates.ts";
import { type SecretSnapshot, type SecretValue, trustedCertificates } from "./store.ts";
import { isAccepting, servedCertificates } from "./wanted.ts";

export interface BundleFile {
  /** Below `current/`. */
  readonly path: string;
  /** Owner is the instance's own user. */
  readonly mode: number;
  readonly content: string;
}

/** Nobody writes here: a change is a new folder. */
const fileMode = 0o400;

/**
 * Files of an instance, sorted by path; empty when it holds no secret.
 * @throws an error of the program when the snapshot was not read for this plan.
 */
export function bundleOf(
  plan: MallPlan,
  instance: Instance,
  snapshot: SecretSnapshot,
): readonly BundleFile[] {
  if (instance.secrets.length === 0 && instance.allCredentials !== true) return [];
  const files = new Map<string, string>([["ca.crt", trustedCertificates(snapshot)]]);
  const add = (path: string, content: string): void => {
    if (files.has(path)) throw new Error(`${instance.name} has two secret files named ${path}`);
    files.set(path, content);
  };
  const addValue = (path: string, id: SecretId): void => {
    const { current, previous } = valueFor(secretValue(snapshot, id), isAccepting(plan, instance, id));
    add(path, current);
    if (previous !== undefined) add(`${path}${previousSuffix}`, previous);
  };
  for (const { ref, file } of instance.secrets) {
    if (ref.kind === "certificate") addPair(add, file, certificatePair(snapshot, ref.id));
    else addValue(file, ref.id);
  }
  if (instance.allCredentials === true) {
    for (const { id } of plan.services.flatMap((service) => service.credentials)) {
      addValue(`${credentialsFolder}/${id}`, id);
    }
    add(fingerprintsFile, `${JSON.stringify(Object.fromEntries(expectedFingerprints(plan, snapshot)))}\n`);
  }
  return [...files]
    .map(([path, content]) => ({ path, mode: fileMode, content }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Instance → SHA-256 fingerprint of the certificate it should serve, by name. */
export function expectedFingerprints(plan: MallPlan, snapshot: SecretSnapshot): ReadonlyMap<string, string> {
  const served = [...servedCertificates(plan)].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    served.map(([instance, secret]) => [
      instance,
      readCertificate(certificatePair(snapshot, secret.id).certificate).fingerprint,
    ]),
  );
}

/** SHA-256 (hex) of all paths, modes and contents: equal bundles, equal digests. */
export function bundleDigest(files: readonly BundleFile[]): string {
  const hash = createHash("sha256");
  // Lengths first, so that no two different lists run together to the same bytes.
  for (const { path, mode, content } of files) {
    hash.update(`${path.length} ${mode} ${Buffer.byteLength(content)}\n${path}${content}`);
  }
  return hash.digest("hex");
}

/** Who accepts a value to come has it as the current one already; who presents it does not know of it yet. */
function valueFor(value: SecretValue, accepting: boolean): Pick<SecretValue, "current" | "previous"> {
  // Equal: clients were being given it when the run was killed; the previous one must stay accepted.
  if (!accepting || value.next === undefined || value.next === value.current) return value;
  return { current: value.next, previous: value.current };
}

function addPair(
  add: (path: string, content: string) => void,
  file: string,
  { key, certificate }: KeyPair,
): void {
  // The CA signs leaves directly, so the chain a server sends is the leaf alone.
  add(`${file}.crt`, certificate);
  add(`${file}.key`, key);
  add(`${file}.pem`, key + certificate);
}

function secretValue(snapshot: SecretSnapshot, id: string): SecretValue {
  const value = snapshot.values.get(id);
  if (value === undefined) throw new Error(`the store was not read for the secret ${id}`);
  return value;
}

function certificatePair(snapshot: SecretSnapshot, id: string): KeyPair {
  const pair = snapshot.certificates.get(id);
  if (pair === undefined) throw new Error(`the store was not read for the certificate ${id}`);
  return pair;
}
