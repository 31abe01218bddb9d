/** Secrets folders as an instance has them, made of real certificates. For tests only. */
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { issueAuthority, issueLeaf, type KeyPair, readCertificate } from "../../secrets/certificates.ts";
import type { Identity } from "../api.ts";

export const authority = (number: number): Promise<KeyPair> => issueAuthority("test", number, Date.now());

export async function leaf(by: KeyPair, commonName: string): Promise<KeyPair> {
  return issueLeaf(
    {
      kind: "certificate",
      id: commonName,
      commonName,
      dnsNames: [commonName, "localhost"],
      ipAddresses: ["127.0.0.1"],
      usage: ["server", "client"],
      rotate: "watch",
    },
    by,
    1,
    Date.now(),
  );
}

export const identityOf = (pair: KeyPair, ...trusted: readonly KeyPair[]): Identity => ({
  ca: trusted.map((t) => t.certificate).join(""),
  cert: pair.certificate,
  key: pair.key,
});

export const fingerprintOf = (pair: KeyPair): string => readCertificate(pair.certificate).fingerprint;

/** Writes a generation beside the former ones and swaps `current` to it, as a target does. */
export async function writeGeneration(
  folder: string,
  generation: number,
  identity: Identity,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const place = join(folder, String(generation));
  await mkdir(join(place, "credentials"), { recursive: true });
  const files = { "ca.crt": identity.ca, "tls.crt": identity.cert, "tls.key": identity.key, ...more };
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(place, name), content)));
  await symlink(String(generation), join(folder, "next"));
  await rename(join(folder, "next"), join(folder, "current"));
  return join(folder, "current");
}
