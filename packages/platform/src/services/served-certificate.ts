/** What is known of the certificate that a port serves. Data only: `decide` reads it. */

/** What a port serves against what it should: a rotation has arrived when both are the same. */
export interface ServedCertificate {
  /** SHA-256 (hex, lower case), or why it could not be read. */
  readonly served: { readonly fingerprint: string } | { readonly error: string };
  /** Undefined when the store has not said. */
  readonly wanted: string | undefined;
}

/** Whether the right certificate is served, as far as the right one is known. */
export const certificateCurrent = (c: ServedCertificate): boolean =>
  c.wanted === undefined || ("fingerprint" in c.served && c.served.fingerprint === c.wanted);
