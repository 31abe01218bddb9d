/**
 * What the store holds and how it is read. A file that is damaged is named and left alone: nothing here, or
 * above, ever makes a secret again because it could not be read.
 */
import { z } from "zod";
import type { CertificateSecret, SecretId } from "../plan/model.ts";
import { previousSuffix } from "../plan/names.ts";
import { fileBackend, type SecretBackend, secretsFolder } from "./backend.ts";
import { type KeyPair, pairProblem } from "./certificates.ts";
import { type DamagedPart, secretError } from "./errors.ts";
import type { WantedSecrets } from "./wanted.ts";

/**
 * How far the replacement of the CA has come; `authority-rotation.ts` has the order.
 * `trust`: everyone learns the new CA; `reissue`: servers go over to it; `drop`: the old one is forgotten.
 */
export const authorityPhases = ["stable", "trust", "reissue", "drop"] as const;
export type AuthorityPhase = (typeof authorityPhases)[number];

const stateSchema = z.object({
  version: z.literal(1),
  phase: z.enum(authorityPhases),
  /** Number of the CA that signs. */
  issuer: z.int().positive(),
  /** Numbers of the CAs that every client trusts. */
  trusted: z.array(z.int().positive()).min(1),
  /** Certificates of an earlier epoch are issued again. Grows with every rotation. */
  epoch: z.int().positive(),
  /** Values made so far: one of these that is missing was lost, not never made. */
  generated: z.array(z.string()),
});
export type StoreState = z.infer<typeof stateSchema>;

export interface SecretValue {
  /** What clients use. */
  readonly current: string;
  /** The value before a rotation that is not finished: servers accept both. */
  readonly previous?: string;
  /** The value to come: servers are given it, clients not before the servers were seen to accept it. */
  readonly next?: string;
}

/** One consistent reading of everything that a plan wants. */
export interface SecretSnapshot {
  /** Undefined before the first run. */
  readonly state: StoreState | undefined;
  /** Trusted CAs by number. */
  readonly authorities: ReadonlyMap<number, KeyPair>;
  readonly values: ReadonlyMap<SecretId, SecretValue>;
  readonly certificates: ReadonlyMap<SecretId, KeyPair>;
}

/** The store of a mall in that state directory. */
export const openStore = (stateHome: string, mall: string): SecretBackend =>
  fileBackend(secretsFolder(mall, stateHome));

export const stateKey = "store.json";
/** All trusted CAs as clients outside of the mall use them. Derived: written again when it differs. */
export const trustedKey = "ca.crt";
export const authorityKey = (number: number): string => `authorities/${number}.pem`;
export const valueKey = (id: SecretId): string => `passwords/${id}`;
export const previousKey = (id: SecretId): string => `passwords/${id}${previousSuffix}`;
export const nextKey = (id: SecretId): string => `passwords/${id}${nextSuffix}`;
export const certificateKey = (id: SecretId): string => `certificates/${id}.pem`;
export const externalKey = (id: SecretId): string => `external/${id}`;

/** Of the store only: no folder of an instance has such a file. */
export const nextSuffix = ".next";

/** 32 of 62 characters: 190 bits, no character that any server's configuration or a shell takes for its own. */
export const passwordPattern = /^[A-Za-z0-9]{32}$/;

/**
 * Reads what is there of `wanted`. Nothing is made; what is absent is absent in the result.
 * @throws SECRET_STORE_CORRUPT, SECRET_LOST, SECRET_EXTERNAL_ABSENT
 */
export async function readStore(backend: SecretBackend, wanted: WantedSecrets): Promise<SecretSnapshot> {
  const [state, names] = await Promise.all([readState(backend), backend.list("passwords")]);
  const present = new Set(names);
  const [authorities, values, external, certificates] = await Promise.all([
    mapOf(state?.trusted ?? [], (number) => readAuthority(backend, number)),
    mapOf(wanted.generated, (id) => readValue(backend, id, present, state)),
    mapOf(wanted.external, (id) => readExternal(backend, id)),
    mapOf(
      wanted.certificates.map((one) => one.id),
      (id) => readPair(backend, certificateKey(id), "certificate"),
    ),
  ]);
  if (state === undefined) await refuseWithoutState(backend);
  return { state, authorities, values: new Map([...values, ...external]), certificates };
}

/** @throws SECRET_STORE_CORRUPT */
export async function readState(backend: SecretBackend): Promise<StoreState | undefined> {
  const text = await backend.get(stateKey);
  if (text === undefined) return undefined;
  const state = stateSchema.safeParse(jsonOrUndefined(text));
  if (!state.success) throw corrupt(backend, stateKey, "state", "it is not what mallstack wrote");
  return state.data;
}

export const writeState = (backend: SecretBackend, state: StoreState): Promise<void> =>
  backend.put(stateKey, `${JSON.stringify(state, null, 2)}\n`);

/** The text form of a pair, key first, as `.pem` files of servers have it. */
export const joinPair = (pair: KeyPair): string => `${pair.key}${pair.certificate}`;

/** @throws SECRET_STORE_CORRUPT when the file is there and not one usable pair. */
export async function readPair(
  backend: SecretBackend,
  key: string,
  part: DamagedPart,
): Promise<KeyPair | undefined> {
  const text = await backend.get(key);
  if (text === undefined) return undefined;
  const pair = { key: block(text, "PRIVATE KEY"), certificate: block(text, "CERTIFICATE") };
  const problem = pairProblem(pair);
  if (problem !== undefined) throw corrupt(backend, key, part, problem);
  return pair;
}

/** Whether the plan's certificates can be issued at all: the CA that signs. */
export function issuerOf(snapshot: SecretSnapshot): KeyPair | undefined {
  return snapshot.state === undefined ? undefined : snapshot.authorities.get(snapshot.state.issuer);
}

/** Every trusted CA in one text, the one that signs first. */
export function trustedCertificates(snapshot: SecretSnapshot): string {
  const issuer = snapshot.state?.issuer;
  const numbers = [...snapshot.authorities.keys()].sort((a, b) =>
    a === issuer ? -1 : b === issuer ? 1 : a - b,
  );
  return numbers.map((number) => snapshot.authorities.get(number)?.certificate ?? "").join("");
}

/** Ids for messages: everything a person may name. */
export const knownIds = (wanted: WantedSecrets): readonly string[] =>
  [
    ...wanted.generated,
    ...wanted.external,
    ...wanted.certificates.map((one: CertificateSecret) => one.id),
  ].sort();

async function readAuthority(backend: SecretBackend, number: number): Promise<KeyPair> {
  const pair = await readPair(backend, authorityKey(number), "authority");
  if (pair === undefined) throw corrupt(backend, authorityKey(number), "authority", "the file is gone");
  return pair;
}

async function readValue(
  backend: SecretBackend,
  id: SecretId,
  present: ReadonlySet<string>,
  state: StoreState | undefined,
): Promise<SecretValue | undefined> {
  if (!present.has(id)) {
    const file = backend.place(valueKey(id));
    if (state?.generated.includes(id)) throw secretError.SECRET_LOST({ id, file });
    return undefined;
  }
  const [current, previous, next] = await Promise.all([
    readPassword(backend, valueKey(id)),
    present.has(`${id}${previousSuffix}`) ? readPassword(backend, previousKey(id)) : undefined,
    present.has(`${id}${nextSuffix}`) ? readPassword(backend, nextKey(id)) : undefined,
  ]);
  if (current === undefined) return undefined; // taken away since it was listed; the next reading says so
  return {
    current,
    ...(previous === undefined ? {} : { previous }),
    ...(next === undefined ? {} : { next }),
  };
}

async function readPassword(backend: SecretBackend, key: string): Promise<string | undefined> {
  // Whoever restored the file by an editor added a newline; that is no damage.
  const value = (await backend.get(key))?.trimEnd();
  if (value !== undefined && !passwordPattern.test(value)) {
    throw corrupt(backend, key, "password", "it does not hold 32 letters and digits");
  }
  return value;
}

async function readExternal(backend: SecretBackend, id: SecretId): Promise<SecretValue> {
  const value = (await backend.get(externalKey(id)))?.replace(/\r?\n$/, "");
  if (value === undefined || value === "") {
    throw secretError.SECRET_EXTERNAL_ABSENT({ id, file: backend.place(externalKey(id)) });
  }
  return { current: value };
}

/** The state is written before anything that depends on it: values without it mean that it was lost. */
async function refuseWithoutState(backend: SecretBackend): Promise<void> {
  const [values, certificates] = await Promise.all([backend.list("passwords"), backend.list("certificates")]);
  if (values.length + certificates.length > 0) {
    throw corrupt(backend, stateKey, "state", "the file is gone, while secrets beside it are there");
  }
}

function corrupt(backend: SecretBackend, key: string, part: DamagedPart, problem: string): Error {
  return secretError.SECRET_STORE_CORRUPT({ file: backend.place(key), part, problem });
}

function block(text: string, label: string): string {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  return from < 0 || to < 0 ? "" : `${text.slice(from, to + end.length)}\n`;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function mapOf<K, V>(
  keys: readonly K[],
  read: (key: K) => Promise<V | undefined>,
): Promise<ReadonlyMap<K, V>> {
  const entries = await Promise.all(keys.map(async (key) => [key, await read(key)] as const));
  return new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}
