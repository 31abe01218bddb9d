/** What `mall connect mysql` prints, as seen from where the client is. */
import type { ServicePlan } from "../../plan/model.ts";
import type { ConnectInfo, Net } from "../service.ts";
import { leadershipOf } from "./leadership.ts";
import { metaSchema, nodeNames, routeNames } from "./names.ts";
import type { State } from "./state.ts";
import { accountNames, secretOf } from "./users.ts";

/** Opens the client as root by the socket of the container; the image keeps this file for it. */
const shellCommand = ["mysql", "--defaults-file=/run/mall/client.cnf"] as const;

/** Pure. One entry per endpoint: the application's account writes, the reader's only reads. */
export function mysqlConnect(own: ServicePlan, net: Net, state: State | undefined): readonly ConnectInfo[] {
  const leadership = state === undefined ? undefined : leadershipOf(state);
  const led = leadership?.kind === "led" ? leadership : undefined;
  const primary = led?.term.primary ?? nodeNames[0];
  const replica = nodeNames.find((name) => name !== primary) ?? primary;
  const databases = led?.primary?.databases.filter((name) => name !== metaSchema) ?? [];
  return own.routes.map((route) => {
    const writes = route.name === routeNames.primary;
    const user = writes ? accountNames.app : accountNames.reader;
    const { host, port, serverName } = net.route(route);
    return {
      title: route.name,
      user,
      password: secretOf(user),
      settings: {
        host,
        port,
        // The server behind the endpoint shows its own certificate, which carries this name as well.
        serverName,
        url: `mysql://${user}@${host}:${port}/${databases[0] ?? ""}?ssl-mode=VERIFY_CA`,
        ...(databases.length > 0 ? { databases } : {}),
      },
      shell: { instance: writes ? primary : replica, command: shellCommand },
    };
  });
}
