/** The services of a mall with all three ports, as an operator on the host has them. */
import { boardOf } from "../agent/roles.ts";
import type { MallStatus } from "../agent/status.ts";
import { timing } from "../agent/timing.ts";
import type { MallPlan } from "../plan/model.ts";
import { fileBackend, secretsFolder } from "../secrets/backend.ts";
import { storeReader } from "../secrets/reader.ts";
import { servicesOf } from "../services/plan-mall.ts";
import type { AnyService, Ctx, LogEntry, RoleBoard } from "../services/service.ts";
import { enginePort, hostNet, inside } from "../targets/compose/ports.ts";
import type { OpenMall } from "./mall.ts";

/** Name of the certificate that the plan gives the operator. */
export const clientOf = (plan: MallPlan): string =>
  plan.services.flatMap((s) => s.clients ?? [])[0]?.id ?? "operator";

/** Without an agent nobody knows the roles. */
const noRoles: RoleBoard = { holders: () => undefined, unseenSince: () => undefined };

export function hostContexts(
  opened: OpenMall,
  status: MallStatus | undefined,
  signal: AbortSignal,
  log: (entry: LogEntry) => void,
): readonly { readonly service: AnyService; readonly ctx: Ctx }[] {
  const { mall, plan, engine, stateHome, folders } = opened;
  const shared = {
    site: mall.site,
    plan,
    net: hostNet(plan, mall.site.bind),
    inside: inside(engine, mall.site.name),
    engine: enginePort(engine, plan, folders.compose),
    secrets: storeReader(plan, fileBackend(secretsFolder(mall.site.name, stateHome)), clientOf(plan)),
    roles: status === undefined ? noRoles : boardOf(status, Date.now, timing.staleMs),
    signal,
    patience: 1,
    now: Date.now,
    log,
  };
  return servicesOf(mall).flatMap((service) => {
    const own = plan.services.find((s) => s.service === service.name);
    return own === undefined ? [] : [{ service, ctx: { ...shared, own, spec: mall.services[service.name] } }];
  });
}
