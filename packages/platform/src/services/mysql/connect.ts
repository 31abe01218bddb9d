/** What `mall connect mysql` prints, as seen from where the client is. */
import type { Route, ServicePlan } from "../../plan/model.ts";
import type { ConnectInfo, Net } from "../service.ts";
import { leadershipOf } from "./leadership.ts";
import { accountNames, nodeNames, reservedAccounts, routeNames } from "./names.ts";
import type { ReachableNode, State } from "./state.ts";
import { onDatabase, secretOf } from "./users.ts";

/** Opens the client as root by the socket of the container; the image keeps this file for it. */
const shellCommand = ["mysql", "--defaults-file=/run/mall/client.cnf"] as const;

/**
 * Pure. One entry per endpoint, the application's account writes and the reader's only reads; then one for each account
 * that the spec adds.
 */
export function mysqlConnect(own: ServicePlan, net: Net, state: State | undefined): readonly ConnectInfo[] {
  const leadership = state === undefined ? undefined : leadershipOf(state);
  const led = leadership?.kind === "led" ? leadership : undefined;
  const primary = led?.term.primary ?? nodeNames[0];
  const replica = nodeNames.find((name) => name !== primary) ?? primary;
  const entry = (route: Route, user: string, title = route.name): ConnectInfo => {
    const { host, port, serverName } = net.route(route);
    const databases = databasesGranted(led?.primary, user);
    return {
      title,
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
      shell: { instance: route.name === routeNames.primary ? primary : replica, command: shellCommand },
    };
  };
  return own.routes.flatMap((route) =>
    route.name === routeNames.primary
      ? [
          entry(route, accountNames.app),
          ...addedAccounts(own).map((user) => entry(route, user, `mysql-${user}`)),
        ]
      : [entry(route, accountNames.reader)],
  );
}

const addedAccounts = (own: ServicePlan): readonly string[] =>
  own.credentials
    .map(({ id }) => id.slice(secretOf("").length))
    .filter((user) => !reservedAccounts.has(user));

/** The databases that the account may use on the primary now. */
const databasesGranted = (primary: ReachableNode | undefined, user: string): readonly string[] =>
  (primary?.databases ?? []).filter((name) =>
    primary?.accounts.some((a) => a.user === user && a.grants.some((g) => g.on === onDatabase(name))),
  );
