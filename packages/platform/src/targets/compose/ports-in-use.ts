/** Which of the host ports a mall wants are taken by somebody else. */
import { createServer } from "node:net";
import type { InstanceName, MallPlan } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";

export interface TakenPort {
  readonly port: number;
  readonly wanted: string;
}

/** Tries to listen on each port that the named instances publish; nothing is sent anywhere. */
export async function takenPorts(
  plan: MallPlan,
  bind: string,
  instances: readonly InstanceName[],
): Promise<readonly TakenPort[]> {
  const wanted = instancesOn(plan, "compose").flatMap(({ instance }) =>
    instances.includes(instance.name)
      ? instance.published.map((p) => ({ port: p.hostPort, wanted: `${instance.name} ${p.port}` }))
      : [],
  );
  const free = await Promise.all(wanted.map((one) => canListen(bind, one.port)));
  return wanted.filter((_, index) => free[index] === false);
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
