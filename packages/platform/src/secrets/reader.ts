/** The store as a service's code reads secrets on the host: the counterpart of the agent's own folder. */
import type { MallPlan, SecretId } from "../plan/model.ts";
import type { SecretReader } from "../services/service.ts";
import type { SecretBackend } from "./backend.ts";
import { readCertificate } from "./certificates.ts";
import { secretError } from "./errors.ts";
import {
  certificateKey,
  externalKey,
  nextKey,
  previousKey,
  readPair,
  trustedKey,
  valueKey,
} from "./store.ts";
import { servedCertificates, wantedSecrets } from "./wanted.ts";

/**
 * Reads the files again at each call, so that a rotation beside it is seen.
 * @param client id of the client certificate to be, such as `operator`.
 */
export function storeReader(plan: MallPlan, backend: SecretBackend, client: SecretId): SecretReader {
  const external = new Set(wantedSecrets(plan).external);
  const served = servedCertificates(plan);
  const present = async (id: string, key: string): Promise<string> => {
    const text = await backend.get(key);
    if (text === undefined) throw secretError.SECRET_ABSENT({ id, file: backend.place(key) });
    return text;
  };
  return {
    value: async (id) => (await present(id, external.has(id) ? externalKey(id) : valueKey(id))).trimEnd(),
    // Before clients are given a new value both are accepted too: the other one then is the one to come.
    previous: async (id) => (await firstOf(backend, [nextKey(id), previousKey(id)]))?.trimEnd(),
    async identity() {
      const key = certificateKey(client);
      const [ca, pair] = await Promise.all([
        present("ca", trustedKey),
        readPair(backend, key, "certificate"),
      ]);
      if (pair === undefined) throw secretError.SECRET_ABSENT({ id: client, file: backend.place(key) });
      return { ca, cert: pair.certificate, key: pair.key };
    },
    async fingerprint(instance) {
      const secret = served.get(instance);
      if (secret === undefined) return undefined;
      const pair = await readPair(backend, certificateKey(secret.id), "certificate");
      return pair === undefined ? undefined : readCertificate(pair.certificate).fingerprint;
    },
  };
}

async function firstOf(backend: SecretBackend, keys: readonly string[]): Promise<string | undefined> {
  for (const key of keys) {
    const text = await backend.get(key);
    if (text !== undefined) return text;
  }
  return undefined;
}
