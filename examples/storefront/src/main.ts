/** The shop's commands: `load`, `run`, `check`, `bench`, started by `./mall storefront …`. */
import { exitCodes, type Language, MallError, messageOf } from "@mallstack/platform/src/errors.ts";
import { type Arguments, parseArguments } from "./arguments.ts";
import { commands } from "./commands.ts";
import { storefrontError } from "./errors.ts";
import { PicturesUnavailable } from "./pictures/store.ts";
import { RedisUnavailable } from "./redis.ts";
import { SearchUnavailable } from "./search/elastic.ts";

async function main(): Promise<number> {
  const stop = new AbortController();
  const onSignal = () => {
    // The first Ctrl-C ends cleanly; a second one at once.
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  let given: Arguments | undefined;
  const began = Date.now();
  try {
    given = parseArguments(process.argv.slice(2), process.env);
    const { document, text, ok } = await commands[given.command](given, stop.signal);
    process.stdout.write(given.json ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`);
    return stop.signal.aborted ? exitCodes.interrupted : ok ? exitCodes.ok : exitCodes.unmet;
  } catch (error) {
    if (stop.signal.aborted) {
      process.stderr.write("interrupted; the same command begins again or goes on\n");
      return exitCodes.interrupted;
    }
    const told = toldOf(error, Date.now() - began);
    if (told !== undefined) {
      if (given?.json === true) process.stdout.write(`${JSON.stringify({ error: told.toJSON() })}\n`);
      else process.stderr.write(`${told.describe(language())}\n`);
      return exitCodes[told.exit];
    }
    process.stderr.write(`[storefront] INTERNAL: ${messageOf(error)}\n`);
    if (process.env.MALL_DEBUG !== undefined && error instanceof Error)
      process.stderr.write(`${error.stack ?? ""}\n`);
    return exitCodes.internal;
  }
}

/** What a user can do something about; undefined: a defect. */
function toldOf(error: unknown, waitedMs: number): MallError | undefined {
  if (error instanceof MallError) return error;
  const stores = [
    [RedisUnavailable, "Redis"],
    [SearchUnavailable, "Elasticsearch"],
    [PicturesUnavailable, "MinIO"],
  ] as const;
  const what = stores.find(([kind]) => error instanceof kind)?.[1];
  if (what === undefined) return undefined;
  return storefrontError.STORE_UNAVAILABLE({ what, waitedMs, detail: messageOf(error) }, error);
}

const language = (): Language => {
  const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "";
  return locale.toLowerCase().startsWith("zh") ? "zh" : "en";
};

// Connections that a lost server holds open must not hold the process.
main().then((code) => process.exit(code));
