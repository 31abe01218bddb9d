/**
 * Certificates of a mall: one CA that signs every leaf directly. EC P-256, keys as PKCS#8 PEM. Reading uses
 * Node's own parser; the library that writes them is loaded only when there is something to issue.
 */
import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from "node:crypto";
import { SocketAddress } from "node:net";
import type { CertificateSecret } from "../plan/model.ts";

export interface KeyPair {
  /** One PEM certificate. */
  readonly certificate: string;
  /** PEM, PKCS#8, not encrypted. */
  readonly key: string;
}

const dayMs = 86_400_000;

/** The CA outlives any server of the mall; it is replaced by `mall certs rotate --ca`, not by the calendar. */
export const authorityLifeMs = 3650 * dayMs;

/**
 * One year. The CA's key never leaves the state directory of the host, so a leaf is renewed only when a person or
 * a timer runs a command there. 90 days would leave 27 between the first renewal (30 % left) and the end; a year
 * leaves 109, and stays far below the 825 days above which some clients refuse a certificate
 * (support.apple.com/103769).
 */
export const leafLifeMs = 365 * dayMs;

/** A leaf with less than this part of its life left is issued again by the next `mall up`. */
export const renewBelow = 0.3;

/** Containers share the host's clock, Kubernetes nodes and clients outside do not: they may lag by this much. */
const backdateMs = 10 * 60_000;

/** 96 random bits below the epoch in a serial number; RFC 5280 (4.1.2.2) allows 160 bits in all. */
const serialRandomBits = 96n;

const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" } as const;
const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
const serverAuth = "1.3.6.1.5.5.7.3.1";
const clientAuth = "1.3.6.1.5.5.7.3.2";

/** @param number counts the CAs of one mall; the random part keeps two malls' CAs apart. */
export async function issueAuthority(mall: string, number: number, now: number): Promise<KeyPair> {
  const x509 = await import("./x509.ts");
  const keys = await crypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const name = [{ CN: [`${mall} CA ${number} ${randomBytes(4).toString("hex")}`] }, { O: ["mallstack"] }];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialOf(number),
    subject: name,
    issuer: name,
    notBefore: wholeSecond(now - backdateMs),
    notAfter: wholeSecond(now + authorityLifeMs),
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      // Path length 0: it signs leaves, never another CA.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate.toString("pem")), key: await exportKey(keys.privateKey) };
}

/**
 * A new key and its certificate.
 * @param epoch the store's count of rotations, kept in the serial number: a certificate of an earlier epoch is
 *   issued again, so that a rotation which was killed half way knows what is left to do.
 */
export async function issueLeaf(
  secret: CertificateSecret,
  authority: KeyPair,
  epoch: number,
  now: number,
): Promise<KeyPair> {
  const x509 = await import("./x509.ts");
  const [keys, signingKey] = await Promise.all([
    crypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]),
    crypto.subtle.importKey("pkcs8", keyBytes(authority.key), keyAlgorithm, false, ["sign"]),
  ]);
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = [
    ...secret.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...secret.ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialOf(epoch),
    subject: [{ CN: [secret.commonName] }],
    issuer: issuer.subjectName,
    notBefore: wholeSecond(now - backdateMs),
    // A leaf that outlived its CA would look valid and be refused.
    notAfter: wholeSecond(Math.min(now + leafLifeMs, issuer.notAfter.getTime())),
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(
        secret.usage.map((usage) => (usage === "server" ? serverAuth : clientAuth)),
      ),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: pem(certificate.toString("pem")), key: await exportKey(keys.privateKey) };
}

/** What a certificate says, by Node's own parser. */
export interface CertificateFacts {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly usage: readonly ("server" | "client")[];
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly epoch: number;
  /** SHA-256 of the DER form, hex, lower case. */
  readonly fingerprint: string;
}

/** @throws when the text is no PEM certificate. */
export function readCertificate(certificatePem: string): CertificateFacts {
  const certificate = new X509Certificate(certificatePem);
  const names = (certificate.subjectAltName ?? "").split(", ").filter((name) => name !== "");
  const ofKind = (prefix: string) =>
    names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  // Absent when the certificate has no extended key usage, as that of a CA.
  const usages = certificate.keyUsage ?? [];
  return {
    commonName: attribute(certificate.subject, "CN"),
    dnsNames: ofKind("DNS:"),
    ipAddresses: ofKind("IP Address:").map(canonicalIp),
    usage: [
      ...(usages.includes(serverAuth) ? (["server"] as const) : []),
      ...(usages.includes(clientAuth) ? (["client"] as const) : []),
    ],
    issuer: attribute(certificate.issuer, "CN"),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    epoch: Number(BigInt(`0x${certificate.serialNumber}`) >> serialRandomBits),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

/** Whether the leaf was signed by this CA's key and names it as its issuer. */
export function isIssuedBy(leafPem: string, authorityPem: string): boolean {
  const leaf = new X509Certificate(leafPem);
  const authority = new X509Certificate(authorityPem);
  return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}

/** Why the two parts are not one usable pair, or undefined. */
export function pairProblem(pair: KeyPair): string | undefined {
  try {
    const certificate = new X509Certificate(pair.certificate);
    return certificate.checkPrivateKey(createPrivateKey(pair.key))
      ? undefined
      : "its key does not belong to its certificate";
  } catch {
    // OpenSSL's own words ("error:0480006C:PEM routines::no start line") help nobody here.
    return "it does not hold a PEM key and certificate";
  }
}

/** One spelling for each address: IPv6 in its compressed form. */
export function canonicalIp(address: string): string {
  return address.includes(":") ? new SocketAddress({ address, family: "ipv6" }).address : address;
}

const attribute = (name: string, key: string): string =>
  name
    .split("\n")
    .find((line) => line.startsWith(`${key}=`))
    ?.slice(key.length + 1) ?? "";

/** X.509 times have no milliseconds; cut, so that what is read back equals what was meant. */
const wholeSecond = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);

/** Hex of the shortest positive DER integer: the epoch above, random bits below. */
function serialOf(epoch: number): string {
  const value = (BigInt(epoch) << serialRandomBits) | BigInt(`0x${randomBytes(12).toString("hex")}`);
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even;
}

const pem = (body: string): string => `${body.trimEnd()}\n`;

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${bytes.replace(/(.{64})(?=.)/g, "$1\n")}\n-----END PRIVATE KEY-----\n`;
}

const keyBytes = (keyPem: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createPrivateKey(keyPem).export({ type: "pkcs8", format: "der" }));
