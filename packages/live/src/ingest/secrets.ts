/** The instance's key and certificates, read again when the link `current` points to others. */
import { readFile, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BucketCredentials } from "../bucket/bucket.ts";

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

/** For one request to the bucket: read each time, as both are rotated. @throws when a file cannot be read */
export async function readBucketCredentials(folder: string): Promise<BucketCredentials> {
  const [ca, password] = await Promise.all(
    ["ca.crt", "minio.password"].map((name) => readFile(join(folder, name), "utf8")),
  );
  return { ca: ca ?? "", password: (password ?? "").trim() };
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
