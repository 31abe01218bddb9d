import fc from "fast-check";
import { expect, test } from "vitest";
import { instancesOf } from "../plan/names.ts";
import { type AuthorityState, nextCaPhase, rotateAuthority } from "./authority-rotation.ts";
import type { SecretBackend } from "./backend.ts";
import { isIssuedBy, type KeyPair, readCertificate } from "./certificates.ts";
import { ensureSecrets } from "./ensure.ts";
import type { SecretSnapshot } from "./store.ts";
import { Killed, type MemoryBackend, memoryBackend, testPlan } from "./test-store.ts";
import { servedCertificates } from "./wanted.ts";

const plan = testPlan();
const served = servedCertificates(plan);
const instances = instancesOf(plan).map((one) => one.instance.name);
const now = Date.parse("2026-11-24T12:00:00Z");

test("the phases of one replacement", () => {
  const phases: AuthorityState[] = [{ phase: "stable", issuer: 1, trusted: [1], epoch: 1 }];
  for (let i = 0; i < 4; i += 1) phases.push(nextCaPhase(phases.at(-1) ?? phases[0] ?? never()));
  expect(phases.slice(1)).toEqual([
    { phase: "trust", issuer: 1, trusted: [1, 2], epoch: 2 },
    { phase: "reissue", issuer: 2, trusted: [1, 2], epoch: 3 },
    { phase: "drop", issuer: 2, trusted: [2], epoch: 4 },
    { phase: "stable", issuer: 2, trusted: [2], epoch: 4 },
  ]);
});

test("at each step, whoever is killed or restarted when, every client trusts every served certificate", async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(999)), async (stream) => {
      const draw = (below: number): number => (stream.next().value ?? 0) % below;
      const world = await newWorld();
      for (let attempt = 0; attempt < 12; attempt += 1) {
        const calm = attempt === 11;
        if (!calm && draw(3) === 0) world.backend.dieAt(1 + draw(12));
        try {
          await rotateAuthority(plan, world.store, world.steps(draw, calm), { now: () => now });
          break;
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          world.backend.dieAt(undefined);
          // Meanwhile somebody runs `mall up`, which delivers without waiting for anyone.
          if (draw(2) === 0) await world.up(draw);
        }
      }
      const { snapshot, changes } = await ensureSecrets(plan, world.backend, { now });
      expect(snapshot.state).toMatchObject({ phase: "stable", issuer: 2, trusted: [2] });
      expect(changes).toEqual([]);
      expect([...world.backend.entries.keys()].filter((key) => key.startsWith("authorities/"))).toEqual([
        "authorities/2.pem",
      ]);
      expect(world.checks()).toBeGreaterThan(30);
      for (const name of instances) expect(world.running(name)).toMatchObject({ issuer: 2, trusted: [2] });
    }),
    { numRuns: 15 },
  );
});

test("an expired CA is replaced at once: nobody accepts it any more", async () => {
  const world = await newWorld();
  const { snapshot } = await ensureSecrets(plan, world.backend, { now });
  const end = readCertificate(snapshot.authorities.get(1)?.certificate ?? "").notAfter + 1;
  const phases: string[] = [];
  const steps = { deliver: async () => {}, waitServed: async () => {} };
  await rotateAuthority(plan, world.backend, steps, {
    now: () => end,
    onPhase: (phase) => phases.push(phase),
  });
  expect(phases).toEqual(["reissue", "drop"]);
  expect((await ensureSecrets(plan, world.backend, { now: end })).changes).toEqual([]);
});

/** What a server, or a client, goes by: the CAs it trusts, the CA of the certificate that it shows. */
interface Held {
  readonly trusted: readonly number[];
  readonly issuer: number;
  readonly fingerprint: string;
}

/** Instances with a folder that deliveries fill and a running server that reads it at its own time. */
async function newWorld() {
  const backend: MemoryBackend = memoryBackend();
  const { snapshot } = await ensureSecrets(plan, backend, { now });
  const folder = new Map(instances.map((name) => [name, heldBy(name, snapshot)]));
  const loaded = new Map(folder);
  let count = 0;

  /** Every client, the operator with the store's own files among them, against every server, both directions. */
  const check = (): void => {
    count += 1;
    const operator = operatorOf(backend);
    for (const [server, its] of loaded) {
      for (const [client, own] of [...loaded, ["operator", operator] as const]) {
        if (!own.trusted.includes(its.issuer)) throw new Error(`${client} does not trust ${server}`);
        if (!its.trusted.includes(own.issuer)) throw new Error(`${server} does not trust ${client}`);
      }
    }
  };
  const change = (name: string, of: ReadonlyMap<string, Held>, to: Map<string, Held>): void => {
    const held = of.get(name);
    if (held !== undefined) to.set(name, held);
    check();
  };
  const store: SecretBackend = {
    ...backend,
    put: async (key, value) => {
      await backend.put(key, value);
      check();
    },
    remove: async (key) => {
      await backend.remove(key);
      check();
    },
  };
  const shuffled = (draw: (below: number) => number): readonly string[] =>
    instances
      .map((name) => [draw(1000), name] as const)
      .sort(([a], [b]) => a - b)
      .map(([, name]) => name);

  const deliver = (to: SecretSnapshot, draw: (below: number) => number, calm: boolean): void => {
    const bundles = new Map(instances.map((name) => [name, heldBy(name, to)]));
    for (const name of shuffled(draw)) {
      if (!calm && draw(9) === 0) throw new Killed("while delivering");
      change(name, bundles, folder);
      // A server that restarts by itself reads what has arrived so far.
      if (draw(4) === 0) change(instances[draw(instances.length)] ?? name, folder, loaded);
    }
  };
  return {
    backend,
    store,
    checks: () => count,
    running: (name: string) => loaded.get(name),
    up: async (draw: (below: number) => number) =>
      deliver((await ensureSecrets(plan, store, { now })).snapshot, draw, true),
    steps: (draw: (below: number) => number, calm: boolean) => ({
      deliver: async (to: SecretSnapshot) => deliver(to, draw, calm),
      waitServed: async (expected: ReadonlyMap<string, string>) => {
        for (const name of shuffled(draw)) {
          if (!calm && draw(9) === 0) throw new Killed("while waiting");
          // As the agent does: only what serves another certificate is made to read its folder again.
          if (loaded.get(name)?.fingerprint !== expected.get(name)) change(name, folder, loaded);
          expect(loaded.get(name)?.fingerprint).toBe(expected.get(name));
        }
      },
    }),
  };
}

function heldBy(name: string, snapshot: SecretSnapshot): Held {
  const pair = snapshot.certificates.get(served.get(name)?.id ?? "") ?? never();
  return held(pair.certificate, snapshot.authorities);
}

/** The operator's tools read `ca.crt` and `certificates/operator.pem` where they stand. */
function operatorOf(backend: MemoryBackend): Held {
  const trusted = backend.entries.get("ca.crt") ?? "";
  const authorities = [...backend.entries].flatMap(([key, pem]): [number, KeyPair][] => {
    const number = /^authorities\/([0-9]+)\.pem$/.exec(key)?.[1];
    const certificate = pem.slice(pem.indexOf("-----BEGIN CERTIFICATE"));
    return number !== undefined && trusted.includes(certificate)
      ? [[Number(number), { certificate, key: "" }]]
      : [];
  });
  const own = backend.entries.get("certificates/operator.pem") ?? "";
  return held(own.slice(own.indexOf("-----BEGIN CERTIFICATE")), new Map(authorities));
}

const seen = new Map<string, number>();
function held(certificate: string, authorities: ReadonlyMap<number, KeyPair>): Held {
  const { fingerprint } = readCertificate(certificate);
  const issuer =
    seen.get(fingerprint) ??
    [...authorities].find(([, authority]) => isIssuedBy(certificate, authority.certificate))?.[0] ??
    never();
  seen.set(fingerprint, issuer);
  return { trusted: [...authorities.keys()], issuer, fingerprint };
}

function never(): never {
  throw new Error("a world without what it needs");
}
