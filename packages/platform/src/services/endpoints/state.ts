/** What is seen of the endpoints: each route by role, with who holds the role and whom HAProxy lets in. */
import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { instancesOf } from "../../plan/names.ts";
import type { ServedCertificate } from "../served-certificate.ts";
import type { Ctx } from "../service.ts";
import { servedCertificate } from "../tls-probe.ts";
import { instance, isRoleRoute, ports } from "./names.ts";
import { command, parseServers, readCommands, type Server } from "./runtime.ts";
import type { EndpointsSpec } from "./spec.ts";
import { readStateFile } from "./state-file.ts";

export interface RouteView {
  readonly name: string;
  readonly role: string;
  /** Undefined: nobody knows at the moment. */
  readonly holders: readonly InstanceName[] | undefined;
  /** For how long, ms, each member that its owner cannot read at the moment was not read. */
  readonly unseenMs: Readonly<Record<InstanceName, number>>;
  readonly members: readonly {
    readonly instance: InstanceName;
    readonly host: string;
    readonly port: number;
  }[];
  readonly servers: readonly Server[];
}

export interface AnyRouteView {
  readonly name: string;
  readonly servers: readonly Server[];
}

export interface EndpointsState {
  /** False when no service has a route: there is no HAProxy then. */
  readonly present: boolean;
  /** Why HAProxy could not be asked. */
  readonly problem: string | undefined;
  readonly routes: readonly RouteView[];
  /** Routes to any member, which no role decides: HAProxy's own tries do. */
  readonly anyRoutes: readonly AnyRouteView[];
  /** Text of the state file. */
  readonly stored: string | undefined;
  readonly certificate: ServedCertificate | undefined;
}

export async function observeEndpoints(ctx: Ctx<EndpointsSpec>): Promise<EndpointsState> {
  if (ctx.own.workloads.length === 0)
    return {
      present: false,
      problem: undefined,
      routes: [],
      anyRoutes: [],
      stored: undefined,
      certificate: undefined,
    };
  const [read, certificate, stored] = await Promise.all([
    Promise.all([readRoutes(ctx), readAnyRoutes(ctx)]).then(
      ([routes, anyRoutes]) => ({ routes, anyRoutes, problem: undefined }),
      (error: unknown) => ({ routes: [], anyRoutes: [], problem: messageOf(error) }),
    ),
    servedCertificate(ctx, instance, ports.runtime.name),
    readStateFile(),
  ]);
  return { present: true, ...read, stored, certificate };
}

/** Each route by role as HAProxy has it and as the role's owner says. @throws when HAProxy cannot be asked. */
export async function readRoutes(ctx: Ctx<EndpointsSpec>): Promise<readonly RouteView[]> {
  const routes = roleRoutes(ctx);
  const servers = parseServers(
    await command(ctx, ...readCommands),
    routes.map((r) => r.name),
  );
  return routes.map((route) => ({
    name: route.name,
    role: route.select.role,
    // Asked after HAProxy's answer: an older word is never compared with a newer state.
    holders: ctx.roles.holders(route.select.role),
    unseenMs: unseen(ctx, route.members),
    members: members(ctx, route.members),
    servers: servers.filter((s) => s.route === route.name),
  }));
}

/** Each other route as HAProxy has it. @throws when HAProxy cannot be asked. */
async function readAnyRoutes(ctx: Ctx<EndpointsSpec>): Promise<readonly AnyRouteView[]> {
  const names = ctx.plan.services.flatMap((s) => s.routes.filter((r) => !isRoleRoute(r)).map((r) => r.name));
  if (names.length === 0) return [];
  const servers = parseServers(await command(ctx, ...readCommands), names);
  return names.map((name) => ({ name, servers: servers.filter((s) => s.route === name) }));
}

export const roleRoutes = (ctx: Pick<Ctx, "plan">) =>
  ctx.plan.services.flatMap((s) => s.routes).filter(isRoleRoute);

function unseen(ctx: Ctx, list: readonly { readonly instance: InstanceName }[]): RouteView["unseenMs"] {
  return Object.fromEntries(
    list.flatMap(({ instance }) => {
      const since = ctx.roles.unseenSince(instance);
      return since === undefined ? [] : [[instance, Math.max(0, ctx.now() - since)]];
    }),
  );
}

function members(
  ctx: Ctx,
  list: readonly { readonly instance: InstanceName; readonly port: number }[],
): RouteView["members"] {
  const workloads = new Map(instancesOf(ctx.plan).map((l) => [l.instance.name, l.workload]));
  return list.map((member) => {
    const port = workloads.get(member.instance)?.ports.find((p) => p.number === member.port);
    const host = port === undefined ? "-" : ctx.net.address(member.instance, port.name).host;
    return { ...member, host };
  });
}
