/** Which servers to let in and which to close. Pure. */
import type { InstanceName } from "../../plan/model.ts";
import type { ActionBase } from "../service.ts";
import { instance } from "./names.ts";
import type { EndpointsState, RouteView } from "./state.ts";
import { stateText } from "./state-text.ts";

export type EndpointsAction =
  | (ActionBase & {
      readonly kind: "close" | "open" | "cut";
      readonly route: string;
      readonly role: string;
      readonly server: InstanceName;
    })
  | (ActionBase & { readonly kind: "store-state" });

/**
 * Closes before it opens, over all routes: at no moment does a route lead to the former holder of a role and to the
 * new one. Roles that nobody knows change nothing: what was true last stays.
 */
export function decideEndpoints(state: EndpointsState): readonly EndpointsAction[] {
  if (!state.present || state.problem !== undefined) return [];
  const known = state.routes.filter((route) => route.holders !== undefined);
  const closing = known.flatMap((route) =>
    route.servers.flatMap((server) =>
      server.open && !holds(route, server.instance) && !benefitOfDoubt(route, server.instance)
        ? [move("close", route, server.instance, `does not hold ${route.role}`)]
        : [],
    ),
  );
  const opening = known.flatMap((route) =>
    route.servers.flatMap((server) =>
      !server.open && holds(route, server.instance)
        ? [move("open", route, server.instance, `holds ${route.role}`)]
        : [],
    ),
  );
  // A closed server has no session by itself; one that was being opened while it was closed is cut here.
  const cutting = known.flatMap((route) =>
    route.servers.flatMap((server) =>
      !server.open && server.sessions > 0 && !holds(route, server.instance)
        ? [move("cut", route, server.instance, `is closed and has ${server.sessions} sessions`)]
        : [],
    ),
  );
  const moves = [...closing, ...cutting, ...opening];
  if (moves.length > 0) return moves;
  if (state.stored === stateText(state.routes)) return [];
  return [
    { kind: "store-state", target: instance, why: "a restarted HAProxy would begin with other servers open" },
  ];
}

/**
 * How long a server that its owner cannot read stays open, ms. A busy moment or a start of the agent must not cut
 * every session; a server that hangs must not hold them for long either. Refused connections and names that are gone
 * HAProxy sees by itself, at once.
 */
const unseenGraceMs = 10_000;

/** Not as soon as somebody else takes the role over: then it has moved. */
const benefitOfDoubt = (route: RouteView, server: InstanceName): boolean =>
  (route.unseenMs[server] ?? Number.POSITIVE_INFINITY) < unseenGraceMs &&
  route.servers.every((s) => s.open || !holds(route, s.instance));

const holds = (route: RouteView, server: InstanceName): boolean => route.holders?.includes(server) === true;

const move = (
  kind: "open" | "close" | "cut",
  route: RouteView,
  server: InstanceName,
  because: string,
): EndpointsAction => ({
  kind,
  target: instance,
  route: route.name,
  role: route.role,
  server,
  why: `${route.name}: ${server} ${because}`,
});
