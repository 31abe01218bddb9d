/**
 * A real Chromium without a screen, for suites that look at pages. Its packages are fetched by the project itself at
 * the first use; nothing is installed on the host.
 */
import { createHash, X509Certificate } from "node:crypto";
import { type Browser, chromium } from "playwright-core";
import { ensureBrowser } from "../../packages/platform/src/engine/private/browser.ts";
import { layoutOf } from "../../packages/platform/src/engine/private/layout.ts";
import { silent } from "../../packages/platform/src/progress.ts";

/** Alone in its container or machine it has no sandbox to use, and no network to ask for news. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * What lets it speak HTTP/3 to servers of a private CA. `ignoreHTTPSErrors` does not reach QUIC: a certificate is taken
 * for good by the SHA-256 of its key, and a root that no browser ships for the hosts of forced origins alone
 * (chromium.org/quic/playing-with-quic). Origins are asked by QUIC from the first request on; an origin of port 1 forces
 * nothing, so that its host's other ports have to announce HTTP/3 first.
 */
export function quicFlags(origins: readonly string[], certificates: readonly string[]): readonly string[] {
  const keyHash = (pem: string) =>
    createHash("sha256")
      .update(new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" }))
      .digest("base64");
  return [
    `--origin-to-force-quic-on=${origins.join(",")}`,
    `--ignore-certificate-errors-spki-list=${certificates.map(keyHash).join(",")}`,
    // Ports of UDP are published for IPv4.
    "--host-resolver-rules=MAP localhost 127.0.0.1",
  ];
}

/** The caller closes it. */
export async function startChromium(more: readonly string[] = []): Promise<Browser> {
  const { executable, env } = await ensureBrowser(layoutOf(), { progress: silent });
  return chromium.launch({
    executablePath: executable,
    args: [...flags, ...more],
    env: { ...process.env, ...env, LANG: "C.UTF-8" },
    // A first start reads 250 MB from a cold disk.
    timeout: 60_000,
  });
}
