/** Live checks of the endpoints. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import type { Route } from "../../plan/model.ts";
import { text } from "../../text.ts";
import { patiently } from "../patience.ts";
import type { Address, Check, Ctx, Evidence } from "../service.ts";
import { strangerIsRefused } from "../tls-probe.ts";
import { instance, ports } from "./names.ts";
import type { EndpointsSpec } from "./spec.ts";
import { type RouteView, readRoutes } from "./state.ts";

/** Who holds the role, and nobody else, is let in and answers. */
const follows = ({ holders, servers }: RouteView): boolean =>
  holders !== undefined &&
  holders.length > 0 &&
  servers.every((s) => s.open === holders.includes(s.instance) && (!s.open || s.up));

/**
 * A route and its role are two observations: between a change of roles, or one round of the loop that a busy server
 * did not answer, and the next round they may differ.
 */
const followsWithinMs = 3_000;
const lookAgainMs = 250;

async function routesThatFollow(ctx: Ctx<EndpointsSpec>): Promise<readonly RouteView[]> {
  const until = performance.now() + patiently(ctx, followsWithinMs);
  for (;;) {
    const routes = await readRoutes(ctx);
    if (routes.every(follows) || performance.now() > until) return routes;
    await sleep(lookAgainMs, undefined, { signal: ctx.signal });
  }
}

const followRoles: Check<EndpointsSpec> = {
  id: "endpoints.routes-follow-roles",
  requirements: ["MY-2"],
  title: text(
    "Each endpoint leads to the holders of its role, and to nobody else",
    "每个端点只通向其角色的持有者",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const routes = await routesThatFollow(ctx);
    const wrong = routes.filter((route) => !follows(route));
    return {
      verdict: wrong.length === 0 ? "pass" : "fail",
      detail:
        wrong.length === 0
          ? text(`${routes.length} endpoints as the roles are`, `${routes.length} 个端点与角色一致`)
          : text(
              `Not as the roles are: ${wrong.map((r) => r.name).join(", ")}`,
              `与角色不一致：${wrong.map((r) => r.name).join("、")}`,
            ),
      evidence: routes.map((route) => ({
        from: `${instance}:${route.name}`,
        read: `${route.role} = ${route.holders?.join(", ") ?? "unknown"}; open: ${
          route.servers
            .filter((s) => s.open)
            .map((s) => `${s.instance} (${s.up ? "up" : "down"}, ${s.address ?? "no address"})`)
            .join(", ") || "none"
        }`,
      })),
    };
  },
};

const answer: Check<EndpointsSpec> = {
  id: "endpoints.routes-answer",
  requirements: ["MY-2"],
  title: text("Each endpoint takes a connection through to a server", "每个端点都能连通到服务器"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const routes = ctx.plan.services.flatMap((s) => s.routes);
    const tried = await Promise.all(routes.map((route) => tryRoute(ctx, route, ctx.net.route(route))));
    const failed = tried.filter((t) => !t.through);
    return {
      verdict: failed.length === 0 ? "pass" : "fail",
      detail:
        failed.length === 0
          ? text("A server holds the connection behind each", "每个端点后都有服务器保持连接")
          : text(`${failed.length} lead nowhere`, `${failed.length} 个端点不通`),
      evidence: tried.map((t) => t.evidence),
    };
  },
};

/** Long enough for a server that speaks first to say its greeting; with no server HAProxy closes at once. */
const holdMs = 1_000;
const connectMs = 1_500;

/** A connection is through when the server behind speaks, or is still there after a second. */
function tryRoute(
  ctx: Ctx<EndpointsSpec>,
  route: Route,
  address: Address,
): Promise<{ readonly through: boolean; readonly evidence: Evidence }> {
  const from = `${route.name}:${address.port}`;
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port, signal: ctx.signal });
    const end = (through: boolean, read: string) => {
      socket.destroy();
      resolve({ through, evidence: { from, read } });
    };
    socket.setTimeout(patiently(ctx, connectMs), () =>
      end(!socket.connecting, socket.connecting ? "no connection" : "held open"),
    );
    socket.once("connect", () => socket.setTimeout(holdMs));
    socket.once("data", (data) => end(true, `${data.length} bytes of greeting`));
    socket.once("end", () => end(false, "closed at once"));
    socket.once("error", (error) => end(false, messageOf(error)));
  });
}

const refusesStrangers: Check<EndpointsSpec> = {
  id: "endpoints.runtime-refuses-strangers",
  requirements: ["GE-4"],
  title: text(
    "HAProxy takes no command and gives no figures without a certificate",
    "没有证书时 HAProxy 不接受命令，也不提供指标",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const asked = await Promise.all([
      strangerIsRefused(ctx, instance, ports.runtime.name, "show info\n"),
      strangerIsRefused(ctx, instance, ports.metrics.name, "GET /metrics HTTP/1.0\r\n\r\n"),
    ]);
    const refused = asked.every((a) => a.refused);
    return {
      verdict: refused ? "pass" : "fail",
      detail: refused
        ? text("Both refused during the TLS handshake", "二者均在 TLS 握手时被拒绝")
        : text("Not refused by the TLS handshake", "未在 TLS 握手时被拒绝"),
      evidence: asked.map(({ read }, index) => ({
        from: `${instance}:${(index === 0 ? ports.runtime : ports.metrics).number}`,
        read,
      })),
    };
  },
};

export const endpointsChecks: readonly Check<EndpointsSpec>[] = [followRoles, answer, refusesStrangers];
