/** What a client outside of the mall needs. */
import type { ServicePlan } from "../../plan/model.ts";
import type { ConnectInfo, Net } from "../service.ts";
import { appUser, mechanism, operatorUser, ports, secretId, serviceName, shellCommand } from "./names.ts";

/**
 * One entry for the application, and one for each account. The brokers tell a client that comes by the published ports
 * those same addresses: no map of them is needed.
 */
export function connectKafka(own: ServicePlan, net: Net): readonly ConnectInfo[] {
  const instances = own.workloads.flatMap((workload) => workload.instances);
  const [first] = instances;
  if (first === undefined) return [];
  const users = own.credentials
    .map(({ id }) => id.slice(secretId("").length))
    .filter((user) => user !== operatorUser);
  return users.map((user) => ({
    title: user === appUser ? serviceName : `${serviceName}-${user}`,
    user,
    password: secretId(user),
    settings: {
      brokers: instances.map(({ name }) => {
        const { host, port } = net.address(name, ports.external.name);
        return `${host}:${port}`;
      }),
      securityProtocol: "SASL_SSL",
      saslMechanism: mechanism,
    },
    shell: { instance: first.name, command: [shellCommand] },
  }));
}
