/** Waits for what a container's own probe says; a container that gave up ends the waiting at once. */
import type { Engine } from "../../engine/engine.ts";
import type { InstanceName } from "../../plan/model.ts";
import { containersOf, type RunningContainer } from "./containers.ts";
import { composeError } from "./errors.ts";

/** Between two looks. One look at a dozen containers costs some ten milliseconds. */
const pollMs = 400;
/** A server that ended this often by itself does not become healthy by waiting. */
const restartsThatMeanGivingUp = 5;

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (healthy: number, total: number) => void;
}

export async function waitHealthy(
  engine: Engine,
  mall: string,
  instances: readonly InstanceName[],
  options: WaitOptions,
): Promise<void> {
  const startedAt = Date.now();
  for (;;) {
    options.signal.throwIfAborted();
    const running = await containersOf(engine, mall);
    const waiting = instances.filter((name) => !isHealthy(running.get(name)));
    options.onProgress?.(instances.length - waiting.length, instances.length);
    if (waiting.length === 0) return;
    const lost = waiting.filter((name) => (running.get(name)?.restarts ?? 0) >= restartsThatMeanGivingUp);
    const late = Date.now() - startedAt > options.timeoutMs;
    if (lost.length > 0 || late) {
      const named = lost.length > 0 ? lost : waiting;
      throw composeError.NOT_HEALTHY({
        seconds: Math.round((Date.now() - startedAt) / 1000),
        instances: await Promise.all(
          named.slice(0, 3).map(async (instance) => ({
            instance,
            state: describeState(running.get(instance)),
            log: await lastLog(engine, running.get(instance)),
          })),
        ),
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

const isHealthy = (container: RunningContainer | undefined): boolean =>
  container?.status === "running" && container.health === "healthy";

function describeState(container: RunningContainer | undefined): string {
  if (container === undefined) return "absent";
  const killed = container.oomKilled ? ", killed for memory" : "";
  return container.status === "running"
    ? `${container.health}, ${container.restarts} restarts${killed}`
    : `${container.status}, exit code ${container.exitCode}, ${container.restarts} restarts${killed}`;
}

async function lastLog(engine: Engine, container: RunningContainer | undefined): Promise<string> {
  if (container === undefined) return "";
  const result = await engine.tryDocker(["logs", "--tail", "8", container.id]);
  return `${result.stdout}${result.stderr}`
    .trim()
    .split("\n")
    .map((line) => `    ${container.instance} | ${line}`)
    .join("\n");
}
