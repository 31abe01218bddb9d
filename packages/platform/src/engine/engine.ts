/** What the rest of the platform sees of an engine: where it is, and how to ask it for something. */
import { stateHome } from "../state.ts";
import { text } from "../text.ts";
import { diskFullError } from "./disk.ts";
import { engineError } from "./errors.ts";
import { type ExecResult, execIn } from "./exec.ts";
import { type Address, type ApiRequest, callApi } from "./http.ts";
import { lastLines, type RunOptions, type RunResult, run } from "./run.ts";

export interface Engine {
  /** `private`: started by mallstack for itself; `host`: was there. */
  readonly kind: "host" | "private";
  /** DOCKER_HOST. */
  readonly host: string;
  /** The engine's newest API, such as "1.51"; never below {@link oldestApi}. */
  readonly apiVersion: string;
  /** To be added to the environment of any program that uses the engine: DOCKER_HOST, DOCKER_CONFIG, PATH. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs `docker ARGS` to success and gives its standard output without the final newline (with `onLine`, only
   * its last 200 lines). The command line is `["compose", …]`, `["buildx", …]` for the plugins.
   * @throws ENGINE_COMMAND_FAILED with its last lines, DISK_FULL, the signal's reason
   */
  docker(args: readonly string[], options?: RunOptions): Promise<string>;
  /** The same without judging the exit code. */
  tryDocker(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** The same for output of one JSON document a line (`--format json`); empty lines are passed over. */
  dockerJson(args: readonly string[], options?: RunOptions): Promise<unknown[]>;
  /**
   * One call of the HTTP API (path such as `/containers/json?all=1`), its JSON answer or `undefined` for an
   * empty one. About 2 ms; for reads that are made often.
   * @throws ENGINE_COMMAND_FAILED for a status of 400 or above
   */
  api(path: string, options?: ApiRequest): Promise<unknown>;
  /** Runs a command in a container; what keeps it from running is in the result ({@link execIn}). */
  exec(container: string, command: readonly string[], timeoutMs: number): Promise<ExecResult>;
}

/** API 1.41 is Docker Engine 20.10: the first with cgroup v2, and what Compose v2 asks for at least. */
export const oldestApi = "1.41";

export interface EngineFacts {
  readonly kind: Engine["kind"];
  readonly host: string;
  readonly address: Address;
  readonly apiVersion: string;
  readonly env: Readonly<Record<string, string>>;
}

export function makeEngine(facts: EngineFacts): Engine {
  const { kind, host, address, apiVersion, env } = facts;

  const tryDocker = (args: readonly string[], options: RunOptions = {}) =>
    run("docker", args, { ...options, env: { ...env, ...options.env } });

  const docker = async (args: readonly string[], options: RunOptions = {}) => {
    const result = await tryDocker(args, options);
    if (result.exitCode === 0) return result.stdout;
    const words = result.stderr || result.stdout;
    const command = `docker ${args.slice(0, 3).join(" ")}${args.length > 3 ? " …" : ""}`;
    const failure = engineError.ENGINE_COMMAND_FAILED({
      command,
      exitCode: result.timedOut ? `a time-out after ${options.timeoutMs} ms` : `exit code ${result.exitCode}`,
      output: lastLines(words),
    });
    const place = { path: stateHome(), neededBytes: 0, purpose: text(command, command) };
    throw (await diskFullError(failure, place)) ?? failure;
  };

  const ask = async (path: string, options: ApiRequest) => {
    const response = await callApi(address, `/v${apiVersion}${path}`, options);
    if (response.status < 400) return response;
    throw engineError.ENGINE_COMMAND_FAILED({
      command: `${options.method ?? "GET"} ${path}`,
      exitCode: `status ${response.status}`,
      output: lastLines(response.text),
    });
  };

  return {
    kind,
    host,
    apiVersion,
    env,
    tryDocker,
    docker,
    dockerJson: async (args, options) => jsonLines(await docker(args, options)),
    api: async (path, options = {}) => {
      const { text: answer } = await ask(path, options);
      return answer.trim() === "" ? undefined : JSON.parse(answer);
    },
    exec: (container, command, timeoutMs) => execIn(ask, container, command, timeoutMs),
  };
}

/**
 * Documents of JSON, one a line. `docker compose ps --format json` of Compose before 2.21 prints one array
 * instead: its elements are given then.
 */
export function jsonLines(output: string): unknown[] {
  const documents: unknown[] = output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
  const [only] = documents;
  return documents.length === 1 && Array.isArray(only) ? only : documents;
}
