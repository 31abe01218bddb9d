/**
 * haproxy.cfg: each route is a TCP port whose TLS is the servers' own, from end to end. Pure. Directives:
 * docs.haproxy.org/3.2/configuration.html.
 */
import type { Route } from "../../plan/model.ts";
import { instanceAddress, secretsDir } from "../../plan/names.ts";
import { adminSocket, commanders, instance, isRoleRoute, ports, stateFile } from "./names.ts";
import type { EndpointsSpec } from "./spec.ts";

/** A route with the workload each member belongs to, which its address is made of. */
export interface ResolvedRoute {
  readonly route: Route;
  readonly workloadOf: Readonly<Record<string, string>>;
}

const ms = (value: number): string => `${value}ms`;

export function configuration(spec: EndpointsSpec, routes: readonly ResolvedRoute[]): string {
  return `${[global(spec), defaults(spec), resolvers, ...routes.map(listen), runtime, metrics].join("\n\n")}\n`;
}

const global = (spec: EndpointsSpec): string => `global
  maxconn ${spec.maxConnections}
  nbthread ${Math.max(1, Math.ceil(spec.cpus))}
  stats socket ${adminSocket} mode 600 level admin
  stats timeout 10s
  server-state-file ${stateFile}
  ssl-default-bind-options ssl-min-ver TLSv1.2
  # Changes of servers' states, not each connection.
  log stdout format raw local0 notice`;

// A connection whose peer vanished without a word is noticed after 60 + 3 * 10 seconds, agent or not.
const defaults = (spec: EndpointsSpec): string => `defaults
  mode tcp
  log global
  timeout connect ${ms(spec.connectTimeout)}
  timeout client ${ms(spec.idleTimeout)}
  timeout server ${ms(spec.idleTimeout)}
  # A server that refuses is left for another one at the first try, before the client notices.
  retries 2
  option redispatch 1
  option clitcpka
  clitcpka-idle 60s
  clitcpka-intvl 10s
  clitcpka-cnt 3
  option srvtcpka
  srvtcpka-idle 60s
  srvtcpka-intvl 10s
  srvtcpka-cnt 3
  load-server-state-from-file global`;

// A container's new address is followed within a second; a name that is gone takes its server out after two.
const resolvers = `resolvers mall
  parse-resolv-conf
  resolve_retries 2
  timeout resolve 1s
  timeout retry 1s
  hold valid 1s
  hold nx 2s
  hold refused 2s
  hold timeout 2s
  hold obsolete 2s
  hold other 2s`;

/**
 * A route by role begins with every server in maintenance: only the agent's word, or the state file in which it
 * stands, opens one. No health check there: the owner's observation speaks the servers' own protocol every two
 * seconds, while a bare connection would count as a failed log-in at some servers (MySQL blocks a host after
 * `max_connect_errors` of them) and says less. What the agent's absence leaves, `redispatch` and names that are gone
 * cover. A route of any kind has nobody to speak for its members: those are tried every two seconds, by a request where
 * the route says which.
 */
function listen({ route, workloadOf }: ResolvedRoute): string {
  const byRole = isRoleRoute(route);
  const every = " check inter 2s fall 2 rise 1";
  // Whether it is ready is all that is asked: who it is, clients see for themselves, through this proxy and end to end.
  // The CAs of a server's check are read at the start only, and a replaced CA must not close a route.
  const perServer = byRole
    ? " disabled"
    : route.ready === undefined
      ? every
      : `${every} check-ssl verify none`;
  const servers = route.members.map(
    (m) =>
      `  server ${m.instance} ${instanceAddress(workloadOf[m.instance] ?? "", m.instance)}:${m.port}${perServer}`,
  );
  const asked =
    route.ready === undefined
      ? ""
      : `\n  option httpchk\n  http-check send meth GET uri ${route.ready} ver HTTP/1.1 hdr Host ${route.name}\n  http-check expect status 200`;
  return `listen ${route.name}
  bind *:${route.port}
  balance leastconn${asked}
  # Addresses come from names alone, never from the state file; a server that is closed loses its sessions.
  default-server resolvers mall resolve-prefer ipv4 init-addr none on-marked-down shutdown-sessions
${servers.join("\n")}`;
}

const tls = `ssl crt ${secretsDir(instance)}/tls.pem ca-file ${secretsDir(instance)}/ca.crt verify required`;

// The CA signs every server of the mall, so a trusted certificate alone is not enough to command.
const runtime = `frontend runtime
  bind *:${ports.runtime.number} ${tls}
  timeout client 10s
  tcp-request content reject unless { ssl_c_s_dn(cn) -m str ${commanders.join(" ")} }
  default_backend runtime-socket

backend runtime-socket
  timeout server 10s
  server admin unix@${adminSocket}`;

const metrics = `frontend metrics
  mode http
  bind *:${ports.metrics.number} ${tls}
  timeout client 10s
  timeout http-request 5s
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 404`;
