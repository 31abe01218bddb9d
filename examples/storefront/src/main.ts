/** The shop's commands: `load`, `run`, `check`, `bench`, started by `./mall storefront …`. */
import { exitCodes, type Language, MallError, messageOf } from "@mallstack/platform/src/errors.ts";
import { type Arguments, parseArguments } from "./arguments.ts";
import { commands } from "./commands.ts";

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
    if (error instanceof MallError) {
      if (given?.json === true) process.stdout.write(`${JSON.stringify({ error: error.toJSON() })}\n`);
      else process.stderr.write(`${error.describe(language())}\n`);
      return exitCodes[error.exit];
    }
    process.stderr.write(`[storefront] INTERNAL: ${messageOf(error)}\n`);
    if (process.env.MALL_DEBUG !== undefined && error instanceof Error)
      process.stderr.write(`${error.stack ?? ""}\n`);
    return exitCodes.internal;
  }
}

const language = (): Language => {
  const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "";
  return locale.toLowerCase().startsWith("zh") ? "zh" : "en";
};

// Connections that a lost server holds open must not hold the process.
main().then((code) => process.exit(code));
