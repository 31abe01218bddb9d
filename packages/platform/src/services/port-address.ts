/** Where a port of an instance is reached, and which name its certificate carries there. */
import type { Instance, MallPlan } from "../plan/model.ts";
import type { Address, Net } from "./service.ts";

/** What speaks behind a route's port is a member of the route, and shows a certificate with the route's name. */
export function portAddress(net: Net, plan: MallPlan, instance: Instance, port: string): Address {
  const route = plan.services
    .flatMap((s) => s.routes)
    .find((r) => r.name === port && instance.aliases?.includes(r.name) === true);
  return route === undefined ? net.address(instance.name, port) : net.route(route);
}
