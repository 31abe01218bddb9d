/** `serve`: the web page, with the workers behind it, until told to end. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, readWithinMs, shoppingBounds, withShop, workerPorts } from "./command.ts";
import { storefrontError } from "./errors.ts";
import { ledgerFile, openLedger } from "./ledger.ts";
import { keySpace } from "./redis.ts";
import { sessions } from "./session.ts";
import { webServer } from "./web/server.ts";
import { startWorkers } from "./workers.ts";

/** A visitor waits no longer for a write; its outcome is settled by asking again with the same key. */
const visitorWaitsMs = 15_000;

export const serveCommand: Command = async (given, signal) =>
  await withShop(shoppingBounds(given), signal, async (shop) => {
    const run = `web-${new Date().toISOString().replaceAll(/[-:.]/g, "")}`;
    const ledger = await openLedger(ledgerFile(given.folder, run), {
      ledger: 1,
      run,
      load: shop.manifest.id,
    });
    const app = await webServer(
      {
        shop,
        ledger,
        merchantSessions: sessions(shop.redis, `${keySpace(shop.manifest.id)}:merchant`),
        reading: { withinMs: Math.min(readWithinMs, visitorWaitsMs), signal },
        writing: { withinMs: visitorWaitsMs, signal },
      },
      join(dirname(fileURLToPath(import.meta.url)), "page"),
    );
    const workers = await startWorkers(workerPorts(shop));
    try {
      const address = await app.listen({ host: "127.0.0.1", port: given.port }).catch((error: unknown) => {
        throw storefrontError.PORT_TAKEN({ port: given.port }, error);
      });
      process.stderr.write(`The shop is open: ${address}\n`);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    } finally {
      await app.close();
      await workers.stop();
      await ledger.close();
    }
    return { ok: true, document: workers.stats(), text: "The shop is closed." };
  });
