/** Rotation of leaf certificates and of passwords. That of the CA is in `authority-rotation.ts`. */
import type { MallPlan, SecretId } from "../plan/model.ts";
import { instancesOf } from "../plan/names.ts";
import { type RotationOptions, type RotationSteps, rotateAuthority } from "./authority-rotation.ts";
import type { SecretBackend } from "./backend.ts";
import { expectedFingerprints } from "./bundle.ts";
import { issueLeaf } from "./certificates.ts";
import { completeStore, type EnsureResult, newPassword } from "./ensure.ts";
import { secretError } from "./errors.ts";
import {
  certificateKey,
  externalKey,
  issuerOf,
  joinPair,
  knownIds,
  nextKey,
  previousKey,
  readStore,
  valueKey,
  writeState,
} from "./store.ts";
import { wantedSecrets } from "./wanted.ts";

export type CertificateScope =
  /** `names`: instances, or certificates such as `operator`; left out, all. */
  { readonly scope: "leaf"; readonly names?: readonly string[] } | { readonly scope: "ca" };

/**
 * Replaces certificates and waits until the servers serve them; returns the ids that were issued.
 * @throws SECRET_UNKNOWN, SERVED_STALE and what `deliver` throws: run again, it goes on.
 */
export async function rotateCertificates(
  what: CertificateScope,
  plan: MallPlan,
  backend: SecretBackend,
  steps: RotationSteps,
  options: RotationOptions = {},
): Promise<readonly SecretId[]> {
  if (what.scope === "ca") {
    await rotateAuthority(plan, backend, steps, options);
    return wantedSecrets(plan).certificates.map((one) => one.id);
  }
  const { snapshot, changes } = await reissueLeaves(plan, backend, what.names, options.now);
  await steps.deliver(snapshot);
  options.signal?.throwIfAborted();
  await steps.waitServed(expectedFingerprints(plan, snapshot));
  return changes.flatMap((change) => (change.kind === "certificate" ? [change.id] : []));
}

/**
 * New keys and certificates into the store, all or those named. For all, the store's epoch grows first: killed half
 * way, the next run of anything issues the rest.
 */
export async function reissueLeaves(
  plan: MallPlan,
  backend: SecretBackend,
  names?: readonly string[],
  now: () => number = Date.now,
): Promise<EnsureResult> {
  const wanted = wantedSecrets(plan);
  const chosen = names === undefined || names.length === 0 ? undefined : certificatesNamed(plan, names);
  return backend.exclusively(async () => {
    const made = await completeStore(plan.mall, wanted, backend, now());
    const { state } = made.snapshot;
    const issuer = issuerOf(made.snapshot);
    if (state === undefined || issuer === undefined) throw new Error("a completed store without its CA");
    if (chosen === undefined) {
      await writeState(backend, { ...state, epoch: state.epoch + 1 });
      return completeStore(plan.mall, wanted, backend, now());
    }
    const secrets = wanted.certificates.filter((one) => chosen.has(one.id));
    const issued = await Promise.all(
      secrets.map(async (secret) => {
        const pair = await issueLeaf(secret, issuer, state.epoch, now());
        await backend.put(certificateKey(secret.id), joinPair(pair));
        return [secret.id, pair] as const;
      }),
    );
    return {
      changes: secrets.map(({ id }) => ({ kind: "certificate" as const, id, reason: "rotation" as const })),
      snapshot: {
        ...made.snapshot,
        certificates: new Map([...made.snapshot.certificates, ...issued]),
      },
    };
  });
}

/** Ids of certificates by their own name or by that of an instance that holds them. @throws SECRET_UNKNOWN */
function certificatesNamed(plan: MallPlan, names: readonly string[]): ReadonlySet<SecretId> {
  const { certificates } = wantedSecrets(plan);
  const found = names.map((name) => {
    if (certificates.some((one) => one.id === name)) return [name];
    const instance = instancesOf(plan).find((one) => one.instance.name === name)?.instance;
    const held = (instance?.secrets ?? []).flatMap(({ ref }) => (ref.kind === "certificate" ? [ref.id] : []));
    if (held.length === 0) {
      throw secretError.SECRET_UNKNOWN({ id: name, known: certificates.map((one) => one.id) });
    }
    return held;
  });
  return new Set(found.flat());
}

/** How far the rotation of a value has come: `introduced` to those that accept it, or `given` to clients as well. */
export type ValueStage = "introduced" | "given";

export interface ValueRotationSteps extends Pick<RotationSteps, "deliver"> {
  /** Resolves to true when the servers were seen to accept what was delivered; false when nobody can look. */
  waitAccepted(): Promise<boolean>;
}

/**
 * A new value under traffic: servers accept it beside the old one before any client is given it. Both stay accepted
 * until {@link finishSecretRotation}. Killed, or run while the mall is stopped, the next call goes on.
 * @throws SECRET_UNKNOWN, SECRET_EXTERNAL_ROTATION and what the steps throw
 */
export async function rotateValue(
  plan: MallPlan,
  backend: SecretBackend,
  id: SecretId,
  steps: ValueRotationSteps,
): Promise<ValueStage> {
  if ((await introduceValue(plan, backend, id)) === "introduced") {
    await steps.deliver(await readStore(backend, wantedSecrets(plan)));
    if (!(await steps.waitAccepted())) return "introduced";
    await giveValue(plan, backend, id);
  }
  await steps.deliver(await readStore(backend, wantedSecrets(plan)));
  await steps.waitAccepted();
  return "given";
}

/** Makes the value to come. A rotation that is under way is left where it is. */
export async function introduceValue(
  plan: MallPlan,
  backend: SecretBackend,
  id: SecretId,
): Promise<ValueStage> {
  refuseUnlessGenerated(plan, backend, id);
  const wanted = wantedSecrets(plan);
  return backend.exclusively(async () => {
    const { snapshot } = await completeStore(plan.mall, wanted, backend, Date.now());
    const value = snapshot.values.get(id);
    if (value?.next !== undefined) return "introduced";
    if (value?.previous !== undefined) return "given";
    await backend.put(nextKey(id), newPassword());
    return "introduced";
  });
}

/** Gives clients the value to come. Of its three writes each leaves two values that servers accept. */
export async function giveValue(plan: MallPlan, backend: SecretBackend, id: SecretId): Promise<void> {
  const wanted = wantedSecrets(plan);
  await backend.exclusively(async () => {
    const value = (await readStore(backend, wanted)).values.get(id);
    if (value?.next === undefined) return;
    if (value.previous === undefined) await backend.put(previousKey(id), value.current);
    await backend.put(valueKey(id), value.next);
    await backend.remove(nextKey(id));
  });
}

/**
 * Drops the previous value, when nobody uses it any more and the servers are seen to accept the new one: a rotation
 * that was cut might have left them without it.
 * @throws SECRET_UNKNOWN, SECRET_EXTERNAL_ROTATION, SECRET_NOT_ROTATING, SECRET_NOT_TAKEN and what the steps throw
 */
export async function finishSecretRotation(
  plan: MallPlan,
  backend: SecretBackend,
  id: SecretId,
  steps: ValueRotationSteps,
): Promise<void> {
  refuseUnlessGenerated(plan, backend, id);
  const wanted = wantedSecrets(plan);
  const requireGiven = async () => {
    const snapshot = await readStore(backend, wanted);
    const value = snapshot.values.get(id);
    if (value?.next !== undefined) throw secretError.SECRET_NOT_TAKEN({ id });
    if (value?.previous === undefined) throw secretError.SECRET_NOT_ROTATING({ id });
    return snapshot;
  };
  await steps.deliver(await requireGiven());
  if (!(await steps.waitAccepted())) throw secretError.SECRET_NOT_TAKEN({ id });
  await backend.exclusively(async () => {
    await requireGiven();
    await backend.remove(previousKey(id));
  });
  await steps.deliver(await readStore(backend, wanted));
  await steps.waitAccepted();
}

function refuseUnlessGenerated(plan: MallPlan, backend: SecretBackend, id: SecretId): void {
  const wanted = wantedSecrets(plan);
  if (wanted.external.includes(id)) {
    throw secretError.SECRET_EXTERNAL_ROTATION({ id, file: backend.place(externalKey(id)) });
  }
  if (!wanted.generated.includes(id)) {
    throw secretError.SECRET_UNKNOWN({ id, known: knownIds({ ...wanted, certificates: [] }) });
  }
}
