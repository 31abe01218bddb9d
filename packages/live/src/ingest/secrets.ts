/** The instance's key and certificates, read again when the link `current` points to others. */
import { readFile, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** @throws when a file cannot be read */
export async function readIdentity(folder: string): Promise<Identity> {
  const [key, cert, ca] = await Promise.all(
    ["tls.key", "tls.crt", "ca.crt"].map((name) => readFile(join(folder, name), "utf8")),
  );
  return { key: key ?? "", cert: cert ?? "", ca: ca ?? "" };
}

const lookMs = 2_000;

/** Calls `onChange` after each swap of the link. @returns ends the watching */
export function watchIdentity(folder: string, onChange: () => Promise<void>): () => void {
  const target = (): Promise<string> => readlink(folder).catch(() => dirname(folder));
  let known: string | undefined;
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      const now = await target();
      known ??= now;
      if (now !== known) {
        await onChange();
        known = now;
      }
    } catch {
      // Half written: it is looked at again.
    } finally {
      busy = false;
    }
  }, lookMs);
  target().then((now) => {
    known ??= now;
  });
  return () => clearInterval(timer);
}
