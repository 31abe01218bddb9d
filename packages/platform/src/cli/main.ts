/** The command line's process: its streams, its signals, its exit code. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodes } from "../errors.ts";
import { runCli } from "./run.ts";
import { trapSignals } from "./signals.ts";
import { sections } from "./verbs.ts";

const trapped = trapSignals(process);

// `mall logs | head`: the reader has gone, and there is nobody left to tell.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.ok);
    throw error;
  });

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((done) => {
    stream.write("", () => done());
  });

const code = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  // dist/cli/cli.mjs: two folders up, unless the launcher says otherwise.
  root: process.env.MALL_ROOT ?? join(dirname(fileURLToPath(import.meta.url)), "..", ".."),
  sections,
  signal: trapped.signal,
  leaveSignals: trapped.leave,
});
// A pool or a watcher that a verb left open must not keep a finished command alive; what is written goes out first.
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);
