/** Whom this machine trusts for TLS, so that what is fetched inside of a build trusts the same. */
import { access, constants } from "node:fs/promises";

/** Where the bundle is: by the variable that OpenSSL and Go read, else where Debian, Red Hat and SUSE keep it. */
const candidates = (): readonly string[] => [
  ...(process.env.SSL_CERT_FILE ? [process.env.SSL_CERT_FILE] : []),
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
];

/**
 * A PEM file of certification authorities, or undefined where the machine has none. A network that inspects TLS has
 * one of its own in it, which no image knows.
 */
export async function hostAuthorities(): Promise<string | undefined> {
  for (const path of candidates()) {
    if (
      await access(path, constants.R_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
