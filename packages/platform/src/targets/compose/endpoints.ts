/** Where clients of this machine reach a mall: what `up` prints at its end. Pure. */
import type { MallPlan } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";

export interface Endpoint {
  readonly name: string;
  readonly address: string;
}

/** Routes by their names, then the published ports of every workload; ports of like instances on one line. */
export function endpointsOf(plan: MallPlan, bind: string): readonly Endpoint[] {
  const host = bind.includes(":") ? `[${bind}]` : bind;
  const routes = plan.services.flatMap((service) => service.routes);
  const served = new Set(routes.map((route) => route.hostPort));
  const ports = new Map<string, number[]>();
  for (const { workload, instance } of instancesOn(plan, "compose")) {
    for (const { port, hostPort } of instance.published) {
      if (served.has(hostPort)) continue;
      const name = `${workload.name} ${port}`;
      ports.set(name, [...(ports.get(name) ?? []), hostPort]);
    }
  }
  return [
    ...routes.map((route) => ({ name: route.name, address: `${host}:${route.hostPort}` })),
    ...[...ports].map(([name, numbers]) => ({ name, address: `${host}:${numbers.join(",")}` })),
  ];
}
