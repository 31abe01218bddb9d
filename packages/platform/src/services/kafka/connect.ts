/** What a client outside of the mall needs. */
import type { ServicePlan } from "../../plan/model.ts";
import type { ConnectInfo, Net } from "../service.ts";
import { appUser, mechanism, ports, secretId, serviceName, shellCommand } from "./names.ts";

/** The brokers tell a client that comes by the published ports those same addresses: no map of them is needed. */
export function connectKafka(own: ServicePlan, net: Net): readonly ConnectInfo[] {
  const instances = own.workloads.flatMap((workload) => workload.instances);
  const [first] = instances;
  if (first === undefined) return [];
  return [
    {
      title: serviceName,
      user: appUser,
      password: secretId(appUser),
      settings: {
        brokers: instances.map(({ name }) => {
          const { host, port } = net.address(name, ports.external.name);
          return `${host}:${port}`;
        }),
        securityProtocol: "SASL_SSL",
        saslMechanism: mechanism,
      },
      shell: { instance: first.name, command: [shellCommand] },
    },
  ];
}
