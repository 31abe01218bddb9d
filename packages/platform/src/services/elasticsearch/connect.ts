/** What a client outside of the mall needs. */
import type { ServicePlan } from "../../plan/model.ts";
import type { ConnectInfo, Net } from "../service.ts";
import {
  agentUser,
  builtInUsers,
  exporterUser,
  ports,
  secretId,
  serviceName,
  shellCommand,
} from "./names.ts";

/** One entry for each application: each has a user of its own. */
export function connectElasticsearch(own: ServicePlan, net: Net): readonly ConnectInfo[] {
  const instances = own.workloads.flatMap((workload) => workload.instances);
  const [first] = instances;
  if (first === undefined) return [];
  const ours: readonly string[] = [agentUser, exporterUser, ...builtInUsers];
  const applications = own.credentials
    .map(({ id }) => id.slice(secretId("").length))
    .filter((user) => !ours.includes(user));
  const nodes = instances.map((instance) => {
    const { host, port } = net.address(instance.name, ports.http.name);
    return `https://${host}:${port}`;
  });
  return applications.map((user, i) => ({
    title: i === 0 ? serviceName : `${serviceName}-${user}`,
    user,
    password: secretId(user),
    settings: { nodes },
    shell: { instance: first.name, command: [shellCommand] },
  }));
}
