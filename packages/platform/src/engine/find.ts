/** Which engine this mall uses: the one it used before, the one that is reachable, or one of its own. */
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { type Progress, silent } from "../progress.ts";
import { readJson, stateHome, writeAtomic } from "../state.ts";
import { type Engine, type EngineFacts, makeEngine, oldestApi } from "./engine.ts";
import { engineError } from "./errors.ts";
import { hostClientUsable } from "./host-client.ts";
import { type HostCandidate, hostCandidates } from "./host-engine.ts";
import { parseAddress, ping, versionAtLeast } from "./http.ts";
import { aptMirror } from "./mirrors.ts";
import { type Layout, layoutOf } from "./private/layout.ts";
import { clientEnv, ensurePrivate, runningPrivate } from "./private/private-engine.ts";
import { ensureTools, hostName, hostPackages } from "./private/tools.ts";

export interface EnsureOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Base URL of a Debian mirror; default MALL_APT_MIRROR, then Debian's own. */
  readonly mirror?: string | undefined;
}

/** A local socket answers a ping in 1–3 ms; a loaded machine or a remote engine may take longer. */
const probeTimeoutMs = 3_000;

/** Kept so that a Docker that is installed, or stopped, later does not change which volumes this mall sees. */
interface Choice {
  readonly kind: Engine["kind"];
  readonly host: string;
}

const choicePath = () => join(stateHome(), "engine-choice.json");

/**
 * The engine of this mall, reachable and usable when this returns. Warm (it runs and was used before) it costs
 * two pings and no process.
 *
 * Order: `MALL_ENGINE=private|host`; the engine that DOCKER_HOST or a docker context names; the one used the
 * last time; the one at Docker's default socket; a private one (root on Debian or Ubuntu).
 * @throws ENGINE_ABSENT, ENGINE_UNREACHABLE, ENGINE_UNSUITABLE, and those of starting a private one
 */
export async function ensureEngine(options: EnsureOptions = {}): Promise<Engine> {
  const progress = options.progress ?? silent;
  const mirror = aptMirror(options.mirror);
  const { signal } = options;
  const layout = layoutOf();
  const start = () => ensurePrivate(layout, { progress, signal, mirror });
  const facts = await find(layout, start, async (candidate) =>
    hostFacts(layout, candidate, { progress, signal, mirror }),
  );
  await keepChoice({ kind: facts.kind, host: facts.host });
  return makeEngine(facts);
}

/**
 * The engine of this mall if it runs, without starting or fetching anything: for `status`, `logs`, `down`.
 * @throws ENGINE_UNREACHABLE, ENGINE_UNSUITABLE for an engine that the user named
 */
export async function findEngine(): Promise<Engine | undefined> {
  const layout = layoutOf();
  const facts = await find(
    layout,
    () => runningPrivate(layout, probeTimeoutMs),
    (candidate) => hostFacts(layout, candidate, undefined),
  );
  return facts === undefined ? undefined : makeEngine(facts);
}

async function find<P extends EngineFacts | undefined>(
  layout: Layout,
  usePrivate: () => Promise<P>,
  useHost: (candidate: HostCandidate) => Promise<EngineFacts>,
): Promise<EngineFacts | P> {
  const forced = process.env.MALL_ENGINE;
  if (forced !== undefined && forced !== "" && forced !== "private" && forced !== "host") {
    throw engineError.ENGINE_CHOICE_INVALID({ value: forced });
  }
  if (forced === "private") return usePrivate();
  const candidates = await hostCandidates();
  const [named] = candidates.filter((candidate) => candidate.explicit);
  // Helpers and scripts of this mall export its own socket.
  if (named?.host === layout.host) return usePrivate();
  if (named) return useHost(named);
  const choice = forced === "host" ? undefined : await lastChoice();
  if (choice?.kind === "private") return usePrivate();
  if (choice) {
    const same = candidates.find((candidate) => candidate.host === choice.host);
    return useHost(same ?? { host: choice.host, explicit: true, from: "used before", certPath: undefined });
  }
  let failure: unknown;
  for (const candidate of candidates) {
    try {
      return await useHost(candidate);
    } catch (error) {
      failure ??= error;
    }
  }
  if (forced !== "host" && process.getuid?.() === 0 && (await hostPackages()) !== undefined)
    return usePrivate();
  throw failure ?? engineError.ENGINE_ABSENT({ host: await hostName() });
}

async function lastChoice(): Promise<Choice | undefined> {
  const choice = (await readJson(choicePath())) as Partial<Choice> | undefined;
  if (choice?.kind !== "host" && choice?.kind !== "private") return undefined;
  return typeof choice.host === "string" ? { kind: choice.kind, host: choice.host } : undefined;
}

async function keepChoice(choice: Choice): Promise<void> {
  const known = await lastChoice();
  if (known?.kind === choice.kind && known.host === choice.host) return;
  await writeAtomic(choicePath(), `${JSON.stringify(choice)}\n`);
}

/** Probes a host engine; `fetch` undefined: a client that is missing is an error, not a reason to fetch one. */
async function hostFacts(
  layout: Layout,
  candidate: HostCandidate,
  fetch:
    | {
        readonly progress: Progress;
        readonly signal: AbortSignal | undefined;
        readonly mirror: string | undefined;
      }
    | undefined,
): Promise<EngineFacts> {
  const { host, from, certPath } = candidate;
  const address = parseAddress(host, certPath);
  if (address === undefined) {
    throw engineError.ENGINE_UNSUITABLE({
      host,
      cause: "only unix:// and tcp:// engines can run one: its ports have to be this machine's",
    });
  }
  const answer = await ping(address, probeTimeoutMs, fetch?.signal).catch((error: unknown) => {
    throw engineError.ENGINE_UNREACHABLE({ host, from, cause: messageOf(error) }, error);
  });
  const unsuitable = !answer.isDocker
    ? "it is Podman, not Docker"
    : answer.os !== "linux"
      ? `it runs ${answer.os} containers`
      : !versionAtLeast(answer.apiVersion, oldestApi)
        ? `its API is ${answer.apiVersion || "older than any known"}, ${oldestApi} is needed`
        : undefined;
  if (unsuitable) throw engineError.ENGINE_UNSUITABLE({ host, cause: unsuitable });
  const facts = { kind: "host", host, address, apiVersion: answer.apiVersion } as const;
  const env: Record<string, string> = { DOCKER_HOST: host };
  if (certPath !== undefined) Object.assign(env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certPath });
  if (await hostClientUsable(env)) return { ...facts, env };
  if (fetch === undefined || (await hostPackages()) === undefined) {
    throw engineError.ENGINE_UNSUITABLE({
      host,
      cause: "the docker command with Compose v2 and Buildx is not on this machine",
    });
  }
  await ensureTools(layout, ["client"], fetch);
  return { ...facts, env: { ...env, ...clientEnv(layout, host) } };
}
