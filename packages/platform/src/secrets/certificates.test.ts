import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  isIssuedBy,
  issueAuthority,
  issueLeaf,
  type KeyPair,
  leafLifeMs,
  pairProblem,
  readCertificate,
} from "./certificates.ts";
import { certificate } from "./test-store.ts";

const now = Date.parse("2026-11-24T12:00:00.500Z");
const folder = mkdtempSync(join(tmpdir(), "mallstack-certificates-"));
let authority: KeyPair;
let other: KeyPair;

beforeAll(async () => {
  authority = await issueAuthority("shop", 1, now);
  other = await issueAuthority("shop", 1, now);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function openssl(...args: readonly string[]): string {
  const done = spawnSync("openssl", args, { encoding: "utf8" });
  return `${done.stdout}${done.stderr}`;
}

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

test("openssl accepts a leaf under its CA, for its names and uses, strictly by RFC 5280", async () => {
  const leaf = await issueLeaf(certificate("db-1"), authority, 1, now);
  const ca = file("ca.crt", authority.certificate);
  const crt = file("leaf.crt", leaf.certificate);
  const at = String(Math.floor(now / 1000));
  for (const purpose of ["sslserver", "sslclient"]) {
    for (const name of [
      ["-verify_hostname", "db-1.test"],
      ["-verify_hostname", "localhost"],
      ["-verify_ip", "127.0.0.1"],
      ["-verify_ip", "::1"],
    ]) {
      const args = [
        "verify",
        "-x509_strict",
        "-attime",
        at,
        "-CAfile",
        ca,
        "-purpose",
        purpose,
        ...name,
        crt,
      ];
      expect(openssl(...args)).toContain(": OK");
    }
  }
  const foreign = file("other.crt", other.certificate);
  expect(openssl("verify", "-attime", at, "-CAfile", foreign, crt)).toMatch(
    /error 20|unable to get local issuer/,
  );
  expect(openssl("verify", "-attime", at, "-CAfile", ca, "-verify_hostname", "db-2", crt)).toMatch(
    /hostname mismatch/,
  );
});

test("openssl refuses a client certificate as a server's, and a leaf as a CA", async () => {
  const client = await issueLeaf(certificate("operator", { usage: ["client"] }), authority, 1, now);
  const ca = file("ca2.crt", authority.certificate);
  const crt = file("client.crt", client.certificate);
  const at = String(Math.floor(now / 1000));
  const verify = (purpose: string) =>
    openssl("verify", "-attime", at, "-CAfile", ca, "-purpose", purpose, crt);
  expect(verify("sslserver")).toMatch(/unsuitable certificate purpose|unsupported certificate purpose/);
  expect(verify("sslclient")).toContain(": OK");
  const signedByLeaf = await issueLeaf(certificate("rogue"), client, 1, now);
  const rogue = file("rogue.crt", signedByLeaf.certificate);
  expect(openssl("verify", "-attime", at, "-CAfile", ca, "-untrusted", crt, rogue)).not.toContain(": OK");
});

test("the key is PKCS#8 on P-256 and belongs to the certificate", async () => {
  const leaf = await issueLeaf(certificate("db-1"), authority, 1, now);
  expect(leaf.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  const text = execFileSync("openssl", ["pkey", "-in", file("leaf.key", leaf.key), "-noout", "-text"]);
  expect(String(text)).toContain("prime256v1");
  expect(pairProblem(leaf)).toBeUndefined();
  expect(pairProblem({ ...leaf, key: authority.key })).toMatch(/does not belong/);
  expect(pairProblem({ ...leaf, certificate: "nonsense" })).toMatch(/does not hold/);
});

test("what is written is read back: names, uses, times, epoch", async () => {
  const secret = certificate("db-1", { ipAddresses: ["10.0.0.7", "fd00::1"] });
  const facts = readCertificate((await issueLeaf(secret, authority, 7, now)).certificate);
  expect(facts).toMatchObject({
    commonName: "db-1",
    dnsNames: secret.dnsNames,
    ipAddresses: secret.ipAddresses,
    usage: ["server", "client"],
    issuer: readCertificate(authority.certificate).commonName,
    epoch: 7,
    notBefore: Date.parse("2026-11-24T11:50:00Z"),
    notAfter: Date.parse("2027-11-24T12:00:00Z"),
  });
  expect(facts.fingerprint).toMatch(/^[0-9a-f]{64}$/);
});

test("a leaf never outlives its CA", async () => {
  const late = readCertificate(authority.certificate).notAfter - leafLifeMs / 2;
  const leaf = await issueLeaf(certificate("db-1"), authority, 1, late);
  expect(readCertificate(leaf.certificate).notAfter).toBe(readCertificate(authority.certificate).notAfter);
});

test("two CAs of one name and number are told apart", async () => {
  const leaf = await issueLeaf(certificate("db-1"), authority, 1, now);
  expect(isIssuedBy(leaf.certificate, authority.certificate)).toBe(true);
  expect(isIssuedBy(leaf.certificate, other.certificate)).toBe(false);
});

test("serial numbers and signatures stay well-formed over many draws", async () => {
  const ca = file("ca3.crt", authority.certificate);
  const leaves = await Promise.all(
    Array.from({ length: 64 }, (_, i) => issueLeaf(certificate("db-1"), authority, 1 + i * 3, now)),
  );
  const paths = leaves.map((leaf, i) => file(`many-${i}.crt`, leaf.certificate));
  const verdicts = openssl(
    "verify",
    "-x509_strict",
    "-attime",
    String(Math.floor(now / 1000)),
    "-CAfile",
    ca,
    ...paths,
  );
  expect(verdicts.match(/: OK/g)).toHaveLength(leaves.length);
  const facts = leaves.map((leaf) => readCertificate(leaf.certificate));
  expect(facts.map((one) => one.epoch)).toEqual(leaves.map((_, i) => 1 + i * 3));
  expect(new Set(facts.map((one) => one.fingerprint)).size).toBe(leaves.length);
});
