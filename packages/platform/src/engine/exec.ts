/** A command in a container by the engine's API: a `docker` process for each costs more than most commands do. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import type { ApiRequest, ApiResponse } from "./http.ts";
import type { RunResult } from "./run.ts";

export type ExecResult = Pick<RunResult, "exitCode" | "stdout" | "stderr">;

/** One call of the API. @throws for a status of 400 or above */
type Ask = (path: string, options: ApiRequest) => Promise<ApiResponse>;

/** Docker's own for what it could not run (`docker run`, "Exit status"). */
const notRun = 125;
/** The stream ends a moment before the engine has heard of the process' end. */
const lookAgainMs = 10;

/** @returns what it printed, without the final newline, or by {@link notRun} why the engine did not run it or not to its end */
export async function execIn(
  ask: Ask,
  container: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<ExecResult> {
  const limits = { timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
  const post = (path: string, body: object) => ask(path, { ...limits, method: "POST", body });
  try {
    const wanted = { AttachStdout: true, AttachStderr: true, Cmd: command };
    const { Id } = JSON.parse((await post(`/containers/${container}/exec`, wanted)).text) as { Id: string };
    const { bytes } = await post(`/exec/${Id}/start`, { Detach: false, Tty: false });
    for (;;) {
      const { Running, ExitCode } = JSON.parse((await ask(`/exec/${Id}/json`, limits)).text) as {
        readonly Running: boolean;
        readonly ExitCode: number | null;
      };
      if (!Running) return { exitCode: ExitCode ?? notRun, ...streamsOf(bytes) };
      await sleep(lookAgainMs, undefined, { signal: limits.signal });
    }
  } catch (error) {
    const stderr = limits.signal.aborted ? `no end within ${timeoutMs} ms` : messageOf(error);
    return { exitCode: notRun, stdout: "", stderr };
  }
}

const headerBytes = 8;
const stderrFrame = 2;

/** Pure. Both streams out of the frames in which they come: stream, three zeros, length, bytes (Engine API, `ContainerAttach`). */
export function streamsOf(bytes: Buffer): { readonly stdout: string; readonly stderr: string } {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const end = at + headerBytes + bytes.readUInt32BE(at + 4);
    (bytes[at] === stderrFrame ? stderr : stdout).push(bytes.subarray(at + headerBytes, end));
    at = end;
  }
  const textOf = (parts: readonly Buffer[]) => Buffer.concat(parts).toString("utf8").replace(/\n$/, "");
  return { stdout: textOf(stdout), stderr: textOf(stderr) };
}
