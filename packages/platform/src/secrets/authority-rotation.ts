/**
 * Replacing the CA without a refused connection: everyone trusts the new one before anyone serves it, and nobody
 * serves the old one before anyone forgets it.
 *
 *   stable ─→ trust ─→ reissue ─→ drop ─→ stable
 *
 * Each phase is in the store before its work begins, and its work may be done any number of times: killed anywhere,
 * the next run goes on in the same phase. In every phase all certificates are issued anew, also where the CA that
 * signs stays the same: a server that serves its new certificate has read its folder again, trusted CAs included,
 * which is the only proof of that which can be seen from outside.
 */
import type { InstanceName, MallPlan } from "../plan/model.ts";
import type { SecretBackend } from "./backend.ts";
import { expectedFingerprints } from "./bundle.ts";
import { readCertificate } from "./certificates.ts";
import { authorityNumbered, completeStore } from "./ensure.ts";
import {
  type AuthorityPhase,
  issuerOf,
  readStore,
  type SecretSnapshot,
  type StoreState,
  writeState,
} from "./store.ts";
import { wantedSecrets } from "./wanted.ts";

export type AuthorityState = Pick<StoreState, "phase" | "issuer" | "trusted" | "epoch">;

/**
 * Pure. The state after this one, once its work is done and seen to be done.
 * @param issuerExpired nobody accepts the old CA any more, so there is nothing to keep alive: the new one signs at once.
 */
export function nextCaPhase(state: AuthorityState, issuerExpired = false): AuthorityState {
  const newest = Math.max(...state.trusted);
  const epoch = state.epoch + 1;
  switch (state.phase) {
    case "stable": {
      const successor = newest + 1;
      const trusted = [state.issuer, successor];
      return issuerExpired
        ? { phase: "reissue", issuer: successor, trusted, epoch }
        : { phase: "trust", issuer: state.issuer, trusted, epoch };
    }
    case "trust":
      return { phase: "reissue", issuer: newest, trusted: state.trusted, epoch };
    case "reissue":
      return { phase: "drop", issuer: state.issuer, trusted: [state.issuer], epoch };
    case "drop":
      return { ...state, phase: "stable" };
  }
}

/** What a rotation asks of the target that the mall runs on. */
export interface RotationSteps {
  /** Brings the bundles of this snapshot to every instance; idempotent. */
  deliver(snapshot: SecretSnapshot): Promise<unknown>;
  /** Resolves when every instance serves the certificate of that fingerprint. @throws SERVED_STALE */
  waitServed(expected: ReadonlyMap<InstanceName, string>): Promise<void>;
}

export interface RotationOptions {
  readonly signal?: AbortSignal;
  /** Before the work of each phase. */
  readonly onPhase?: (phase: Exclude<AuthorityPhase, "stable">) => void;
  /** Milliseconds since the epoch; default the clock. */
  readonly now?: () => number;
}

/**
 * Replaces the CA, or goes on with a replacement that was cut.
 * @returns the number of the CA that signs now.
 * @throws what the steps throw; the store then is in the phase that was reached.
 */
export async function rotateAuthority(
  plan: MallPlan,
  backend: SecretBackend,
  steps: RotationSteps,
  options: RotationOptions = {},
): Promise<{ readonly issuer: number }> {
  const now = options.now ?? Date.now;
  let state = await beginOrResume(plan, backend, now);
  while (state.phase !== "stable") {
    options.signal?.throwIfAborted();
    options.onPhase?.(state.phase);
    const wanted = wantedSecrets(plan);
    const { snapshot } = await backend.exclusively(() => completeStore(plan.mall, wanted, backend, now()));
    await steps.deliver(snapshot);
    options.signal?.throwIfAborted();
    await steps.waitServed(expectedFingerprints(plan, snapshot));
    state = await advance(plan, backend, state, now);
  }
  return { issuer: state.issuer };
}

/** A stable store enters the first phase; a store in the midst of a rotation is left in its phase. */
async function beginOrResume(
  plan: MallPlan,
  backend: SecretBackend,
  now: () => number,
): Promise<AuthorityState> {
  const wanted = wantedSecrets(plan);
  return backend.exclusively(async () => {
    const found = await readStore(backend, wanted);
    const snapshot =
      found.state === undefined ? (await completeStore(plan.mall, wanted, backend, now())).snapshot : found;
    const { state } = snapshot;
    if (state === undefined) throw new Error("a completed store without a state");
    const expired = isIssuerExpired(snapshot, now());
    if (state.phase !== "stable" && !(state.phase === "trust" && expired)) return state;
    return enter(plan.mall, backend, state, nextCaPhase(state, expired), now());
  });
}

async function advance(
  plan: MallPlan,
  backend: SecretBackend,
  done: AuthorityState,
  now: () => number,
): Promise<AuthorityState> {
  return backend.exclusively(async () => {
    const { state } = await readStore(backend, { generated: [], certificates: [], external: [] });
    if (state === undefined) throw new Error("the store lost its state under a rotation");
    // Another run went on meanwhile: what we have waited for is no longer the question.
    if (state.phase !== done.phase || state.epoch !== done.epoch) return state;
    return enter(plan.mall, backend, state, nextCaPhase(state), now());
  });
}

/** Keys first, then the state that names them; an old key goes before the state that no longer knows of it. */
async function enter(
  mall: string,
  backend: SecretBackend,
  state: StoreState,
  next: AuthorityState,
  now: number,
): Promise<AuthorityState> {
  for (const number of next.trusted) {
    if (!state.trusted.includes(number)) await authorityNumbered(mall, backend, number, now);
  }
  if (next.phase === "stable") {
    for (const name of await backend.list("authorities")) {
      if (name !== `${next.issuer}.pem`) await backend.remove(`authorities/${name}`);
    }
  }
  await writeState(backend, { ...state, ...next, trusted: [...next.trusted] });
  return next;
}

function isIssuerExpired(snapshot: SecretSnapshot, now: number): boolean {
  const issuer = issuerOf(snapshot);
  return issuer !== undefined && readCertificate(issuer.certificate).notAfter <= now;
}
