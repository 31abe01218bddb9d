/** What `mall connect mysql` prints, as seen from where the client is. */
import type { ServicePlan } from "../../plan/model.ts";
import type { ConnectInfo, Net } from "../service.ts";
import { nodeName, nodeNames, routeNames } from "./names.ts";
import type { MysqlSpec } from "./spec.ts";
import { accountNames, secretOf } from "./users.ts";

const titles: Readonly<Record<string, string>> = {
  [routeNames.primary]: "MySQL primary (reads and writes)",
  [routeNames.replicas]: "MySQL replicas (reads; may be behind by the spec's maxReplicaLag)",
};

/** Pure but for what `net` knows. No password: it is named by the secret that holds it. */
export function mysqlConnect(spec: MysqlSpec, own: ServicePlan, net: Net): readonly ConnectInfo[] {
  const database = spec.databases[0] ?? "";
  return own.routes.map((route) => {
    const user = route.name === routeNames.primary ? accountNames.app : accountNames.reader;
    const { host, port, serverName } = net.route(route);
    return {
      title: titles[route.name] ?? route.name,
      settings: {
        url: `mysql://${user}@${host}:${port}/${database}?ssl-mode=VERIFY_CA`,
        host,
        port,
        user,
        passwordSecret: secretOf(user),
        database,
        // A server behind the endpoint shows its own certificate, which carries this name as well.
        serverName,
      },
      ...(route.name === routeNames.primary
        ? {
            shell: {
              instance: nodeNames[0] ?? nodeName(1),
              command: ["mysql", "--defaults-file=/run/mall/client.cnf"],
            },
          }
        : {}),
    };
  });
}
