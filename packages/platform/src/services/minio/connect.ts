/** What `mall connect minio` prints, as seen from where the client is. */
import type { ServicePlan } from "../../plan/model.ts";
import { hostOf } from "../kept-pool.ts";
import type { ConnectInfo, Net } from "../service.ts";
import {
  accessKeyOf,
  appAccount,
  nodeName,
  region,
  rootSecret,
  routeNames,
  secretId,
  shellCommand,
} from "./names.ts";

/** Pure. One entry for the application and one for each account, at the S3 endpoint. */
export function connectMinio(own: ServicePlan, net: Net): readonly ConnectInfo[] {
  const url = (name: string): readonly string[] =>
    own.routes.filter((route) => route.name === name).map((route) => `https://${hostOf(net.route(route))}`);
  const [endpoint] = url(routeNames.s3);
  const [browser] = url(routeNames.browser);
  if (endpoint === undefined || browser === undefined) return [];
  const accounts = own.credentials
    .filter(({ id }) => id !== rootSecret.id)
    .map(({ id }) => id.slice(secretId("").length));
  return accounts.map((account) => ({
    title: account === appAccount ? routeNames.s3 : `${routeNames.s3}-${account}`,
    // A key and its secret belong together: with another secret it is another key.
    user: (password) => accessKeyOf(account, password),
    password: secretId(account),
    settings: { endpoint, region, pathStyle: "true", serverName: routeNames.s3, console: browser },
    shell: { instance: nodeName(1), command: [shellCommand] },
  }));
}
