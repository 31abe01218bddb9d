/** The whole of a mall's plan, by the services' own pure parts. The command line and the agent run this same code. */
import type { MallPlan, ServicePlan } from "../plan/model.ts";
import type { Mall } from "../spec/mall.ts";
import { services } from "./registry.ts";
import type { AnyService } from "./service.ts";

/** The registry's services that this mall has, in the registry's order. */
export const servicesOf = (mall: Mall, registry: readonly AnyService[] = services): readonly AnyService[] =>
  registry.filter((service) => mall.services[service.name] !== undefined);

/** Pure. Plans each service after those before it in the registry, whose plans it may read. */
export function planMall(mall: Mall, registry: readonly AnyService[] = services): MallPlan {
  const plans: ServicePlan[] = [];
  for (const service of servicesOf(mall, registry)) {
    plans.push(service.plan(mall.services[service.name], mall.site, [...plans], mall));
  }
  return { mall: mall.site.name, services: plans };
}
