/** One line about the endpoints. Pure. */
import { type Text, text } from "../../text.ts";
import { certificateCurrent } from "../served-certificate.ts";
import type { AnyRouteView, EndpointsState, RouteView } from "./state.ts";

export function summary(state: EndpointsState): { readonly ok: boolean; readonly text: Text } {
  if (!state.present) return { ok: true, text: text("no service needs one", "没有服务需要端点") };
  if (state.problem !== undefined)
    return {
      ok: false,
      text: text(`HAProxy does not answer: ${state.problem}`, `HAProxy 没有应答：${state.problem}`),
    };
  if (state.certificate !== undefined && !certificateCurrent(state.certificate))
    return { ok: false, text: text("serves another certificate than the newest", "正在使用旧证书") };
  const all = [...state.routes, ...state.anyRoutes];
  const lines = all.map((route) => `${route.name} → ${openOf(route).join(", ") || "-"}`).join("; ");
  // A route whose members HAProxy has not found yet refuses every client, whatever its owner says of itself.
  const reachable = state.anyRoutes.every((route) => openOf(route).length > 0);
  return { ok: reachable && state.routes.every(well), text: text(lines, lines) };
}

const openOf = (route: AnyRouteView): readonly string[] =>
  route.servers.filter((s) => s.open && s.up).map((s) => s.instance);

/** Its role is held, and every holder is let in and there. */
const well = (route: RouteView): boolean => {
  const open = openOf(route);
  return route.holders !== undefined && open.length > 0 && route.holders.every((h) => open.includes(h));
};
