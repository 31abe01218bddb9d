/** What a client outside of the mall needs to use the cluster as a cluster. */
import type { ServicePlan } from "../../plan/model.ts";
import type { ConnectInfo, Net } from "../service.ts";
import {
  appUser,
  ports,
  reservedAccounts,
  secretId,
  serverName,
  serviceName,
  shellCommand,
} from "./names.ts";
import { isUp, type RedisState } from "./state.ts";

/**
 * One entry for the application, and one for each account. The nodes announce addresses that only the mall's own
 * network reaches; `natMap` (ioredis) and `nodeAddressMap` (node-redis) take a client from each of them to the port
 * that is published for it.
 */
export function connectRedis(
  own: ServicePlan,
  net: Net,
  state: RedisState | undefined,
): readonly ConnectInfo[] {
  const instances = own.workloads.flatMap((workload) => workload.instances);
  const here = (instance: string): string => {
    const { host, port } = net.address(instance, ports.redis.name);
    return `${host}:${port}`;
  };
  const [first] = instances;
  if (first === undefined) return [];
  const announced = (state?.nodes ?? [])
    .filter(isUp)
    .map((node) => [`${node.self.host}:${node.self.port}`, here(node.instance)] as const);
  const accounts = own.credentials
    .map(({ id }) => id.slice(secretId("").length))
    .filter((name) => !reservedAccounts.has(name));
  return [appUser, ...accounts].map((user) => ({
    title: user === appUser ? serviceName : `${serviceName}-${user}`,
    user,
    password: secretId(user),
    settings: {
      nodes: instances.map((instance) => here(instance.name)),
      serverName,
      natMap: Object.fromEntries(announced),
    },
    shell: { instance: first.name, command: [shellCommand] },
  }));
}
