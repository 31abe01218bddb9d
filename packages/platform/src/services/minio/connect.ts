/** What `mall connect minio` prints, as seen from where the client is. */
import type { ServicePlan } from "../../plan/model.ts";
import type { ConnectInfo, Net } from "../service.ts";
import { accessKeyOf, nodeName, region, routeNames, secrets, shellCommand } from "./names.ts";

/** Pure. One entry: the application's key at the S3 endpoint. */
export function connectMinio(own: ServicePlan, net: Net): readonly ConnectInfo[] {
  const url = (name: string): readonly string[] =>
    own.routes
      .filter((route) => route.name === name)
      .map((route) => {
        const { host, port } = net.route(route);
        return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
      });
  const [endpoint] = url(routeNames.s3);
  const [browser] = url(routeNames.browser);
  if (endpoint === undefined || browser === undefined) return [];
  return [
    {
      title: routeNames.s3,
      // A key and its secret belong together: with another secret it is another key.
      user: accessKeyOf,
      password: secrets.app.id,
      settings: { endpoint, region, pathStyle: "true", serverName: routeNames.s3, console: browser },
      shell: { instance: nodeName(1), command: [shellCommand] },
    },
  ];
}
