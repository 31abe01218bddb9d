/** Entry of the bundle `dist/live/app.mjs`, run in the container `live-app`. */
import { pageBeside, startApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { messageOf } from "./errors.ts";
import { logTo } from "./log.ts";

const log = logTo((line) => process.stdout.write(line));

const fatal = (error: unknown): never => {
  log("cannot run", { cause: messageOf(error) });
  process.exit(1);
};

// A driver that rejects outside of any promise we hold must not take the whole application down: it is logged, and
// who asked sees its own time-out.
process.on("unhandledRejection", (error) => log("unhandled rejection", { cause: messageOf(error) }));

try {
  const instance = process.env.MALL_INSTANCE;
  if (instance === undefined)
    throw new Error("MALL_INSTANCE is not set: it names the instance whose files to read");
  const app = await startApp({
    config: await readConfig(`/config/${instance}/live.json`),
    secretsFolder: `/secrets/${instance}/current`,
    pageFolder: pageBeside(import.meta.dirname),
    log,
  });
  let ending = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      app.stop().then(() => process.exit(0), fatal);
    });
} catch (error) {
  fatal(error);
}
