/** A program that has the terminal for itself while it runs: the usual client of a service, the sample application. */
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Where our own signals are heard. */
export interface Signals {
  on(name: "SIGTERM", listener: () => void): unknown;
  off(name: "SIGTERM", listener: () => void): unknown;
}

/**
 * Runs it to its end. Ctrl-C reaches it by itself, as the terminal sends it to the whole group; SIGTERM comes to us
 * alone and is passed on: nothing of ours goes on once we are told to end.
 * @returns its exit code, or the signal that ended it
 */
export async function runForeground(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signals: Signals = process,
): Promise<number | NodeJS.Signals> {
  const child = spawn(program, args, { stdio: "inherit", env });
  const pass = (): void => {
    child.kill("SIGTERM");
  };
  signals.on("SIGTERM", pass);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? signal ?? "SIGKILL";
  } finally {
    signals.off("SIGTERM", pass);
  }
}
