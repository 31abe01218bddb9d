/** Whether an image registry can be reached from here, found out quickly and not again and again. */
import { join } from "node:path";
import { readJson, stateHome, writeAtomic } from "../state.ts";
import { withLimit } from "../time-limit.ts";
import type { Engine } from "./engine.ts";

/** Docker Hub's API, which answers 401 to anyone; a machine without a way to it would wait minutes in a pull. */
const hub = "https://registry-1.docker.io";
const probeTimeoutMs = 2_500;
/** A registry that was silent stays so for a while; one that answered may be tried for a day without a probe. */
const silentForMs = 60 * 60_000;
const answeredForMs = 24 * 60 * 60_000;

interface Finding {
  readonly answers: boolean;
  readonly atMs: number;
}

const findingPath = () => join(stateHome(), "registry.json");

/** Asks Docker Hub, or the mirrors that the engine is set up with, at most once an hour. */
export async function registryAnswers(engine: Engine, signal?: AbortSignal): Promise<boolean> {
  const known = (await readJson(findingPath())) as Partial<Finding> | undefined;
  if (typeof known?.answers === "boolean" && typeof known.atMs === "number") {
    const ageMs = Date.now() - known.atMs;
    if (ageMs >= 0 && ageMs < (known.answers ? answeredForMs : silentForMs)) return known.answers;
  }
  const info = (await engine.api("/info", { signal })) as {
    RegistryConfig?: { Mirrors?: readonly string[] | null };
  };
  const bases = [...(info.RegistryConfig?.Mirrors ?? []), hub].map((base) => base.replace(/\/$/, ""));
  const answers = await Promise.any(bases.map((base) => probe(base, signal))).catch(() => false);
  await rememberRegistry(answers);
  return answers;
}

/** After a pull that failed although the probe had been answered: rate limits, a proxy that only lets pings by. */
export async function rememberRegistry(answers: boolean): Promise<void> {
  await writeAtomic(findingPath(), JSON.stringify({ answers, atMs: Date.now() } satisfies Finding));
}

const probe = (base: string, signal: AbortSignal = new AbortController().signal): Promise<true> =>
  withLimit<true>(signal, probeTimeoutMs, async (limit) => {
    const response = await fetch(`${base}/v2/`, { signal: limit, redirect: "manual" });
    if (response.status !== 200 && response.status !== 401) throw new Error(`status ${response.status}`);
    return true;
  });
