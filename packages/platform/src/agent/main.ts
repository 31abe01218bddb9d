/** Entry of the bundle `dist/agent/agent.mjs`, run in the agent's container. */
import { MallError, messageOf } from "../errors.ts";
import { agentApi, configDir, dataDir, instanceVariable, secretsDir } from "../plan/names.ts";
import { services } from "../services/registry.ts";
import { startAgent } from "./agent.ts";
import { timing } from "./timing.ts";

const instance = process.env[instanceVariable] ?? agentApi.instance;

const write = (line: string): void => void process.stdout.write(line);
const fatal = (error: unknown): void => {
  const message = error instanceof MallError ? error.describe("en") : messageOf(error);
  write(`${JSON.stringify({ time: new Date().toISOString(), level: "error", message })}\n`);
};

// A driver that rejects outside of any promise we hold must not take all loops down with it: it is logged, and the
// loop that asked sees its own time-out.
process.on("unhandledRejection", fatal);

try {
  const agent = await startAgent({
    places: {
      config: configDir(instance),
      secrets: secretsDir(instance),
      data: dataDir,
      listen: { host: "0.0.0.0", port: agentApi.number },
    },
    registry: services,
    // Kubernetes sets it in every container (kubernetes.io/docs/concepts/services-networking/service).
    target: process.env.KUBERNETES_SERVICE_HOST === undefined ? "compose" : "kubernetes",
    timing,
    write,
  });
  let ending = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      agent.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          fatal(error);
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  fatal(error);
  process.exit(1);
}
