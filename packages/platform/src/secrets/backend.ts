/**
 * Where a store's entries are kept. The rules of the store (what is made when, what is never replaced) are
 * elsewhere and the same for every backend: a folder here, a Secret object on Kubernetes.
 */
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../file-lock.ts";
import { ensureFolder, isErrno, readIfPresent, stateHome, writeAtomic } from "../state.ts";

/** Keys look like `passwords/mysql.root`: a folder and a name of `[a-z0-9._-]`, or a name alone. */
export interface SecretBackend {
  /** Where a person finds an entry, for messages. */
  place(key: string): string;
  get(key: string): Promise<string | undefined>;
  /** Writes an entry as a whole: whoever reads, or a crash, sees the old value or the new one. */
  put(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Names in a folder; empty when there is none. */
  list(folder: string): Promise<readonly string[]>;
  /** Runs `work` while no other process changes the store. Readers need no lock. Not re-entrant. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

const folders = ["", "authorities", "passwords", "certificates", "external"] as const;

/** Everything of one mall in the state directory. */
export const mallFolder = (mall: string, home: string = stateHome()): string => join(home, "malls", mall);

/** A mall's secret store: the only place where the key of its CA is. */
export const secretsFolder = (mall: string, home: string = stateHome()): string =>
  join(mallFolder(mall, home), "secrets");

/** A folder, mode 0700, with one file of mode 0600 per entry. */
export function fileBackend(folder: string): SecretBackend {
  const place = (key: string): string => join(folder, key);
  return {
    place,
    get: (key) => readIfPresent(place(key)),
    put: (key, value) => writeAtomic(place(key), value, 0o600),
    remove: (key) => rm(place(key), { force: true }),
    list: (name) => namesIn(join(folder, name), (entry) => !entry.startsWith(".")),
    exclusively: (work) =>
      withLock(
        join(folder, ".lock"),
        async () => {
          // Whoever opened the folder to others did not mean its keys.
          await chmod(await ensureFolder(folder), 0o700);
          await removeDrafts(folder);
          return work();
        },
        { purpose: "mall secrets", timeoutMs: 60_000 },
      ),
  };
}

/** A run that was killed while writing leaves its draft, with a secret in it. The lock is ours: none is in use. */
async function removeDrafts(folder: string): Promise<void> {
  const isDraft = (name: string) => /^\..+\.[0-9]+\.[0-9a-f]{8}$/.test(name);
  for (const name of folders) {
    const drafts = await namesIn(join(folder, name), isDraft);
    await Promise.all(drafts.map((draft) => rm(join(folder, name, draft), { force: true })));
  }
}

async function namesIn(path: string, keep: (name: string) => boolean): Promise<readonly string[]> {
  try {
    return (await readdir(path)).filter(keep).sort();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
