/**
 * The file from which HAProxy takes the servers' states when it starts. Written by us and not a copy of its own dump:
 * that one also restores addresses and ports of the past.
 */
import type { RouteView } from "./state.ts";

const columns =
  "be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

/**
 * Version 1 of the format (docs.haproxy.org/3.2/management.html, "show servers state"). An open server is running
 * with the maintenance of the configuration only (4); a closed one is stopped with the forced one as well (5).
 * Pure: the same servers open, the same bytes.
 */
export function stateText(routes: readonly RouteView[]): string {
  const lines = routes.flatMap((route, index) =>
    route.members.map((member, at) => {
      const open = route.servers.some((s) => s.instance === member.instance && s.open);
      return [
        ...[index + 1, route.name, at + 1, member.instance, "-", open ? 2 : 0, open ? 4 : 5, 1, 1, 0],
        ...[1, 0, 0, 8, 0, 0, 0, member.host, member.port, "-", 0, 0, "-", "-", 0],
      ].join(" ");
    }),
  );
  return `1\n# ${columns}\n${lines.join("\n")}\n`;
}
