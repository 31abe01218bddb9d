/** Applications of a mall that runs, as they know it: by its endpoints, the files of its store, what it announces. */
import type { MallPlan } from "../../packages/platform/src/plan/model.ts";
import type { SecretBackend } from "../../packages/platform/src/secrets/backend.ts";
import { storeReader } from "../../packages/platform/src/secrets/reader.ts";
import { readStore } from "../../packages/platform/src/secrets/store.ts";
import { wantedSecrets } from "../../packages/platform/src/secrets/wanted.ts";
import { accountNames, routeNames } from "../../packages/platform/src/services/mysql/names.ts";
import { secretOf } from "../../packages/platform/src/services/mysql/users.ts";
import { connectRedis } from "../../packages/platform/src/services/redis/connect.ts";
import type { RedisState } from "../../packages/platform/src/services/redis/state.ts";
import type { Mall } from "../../packages/platform/src/spec/mall.ts";
import { agentOf } from "../../packages/platform/src/targets/compose/agent.ts";
import { hostNet } from "../../packages/platform/src/targets/compose/ports.ts";
import { type MysqlTarget, startMysqlTraffic } from "./mysql-traffic.ts";
import { startRedisTraffic, type TrafficTarget } from "./redis-traffic.ts";
import type { RunningTraffic } from "./traffic.ts";

export interface KnownMall {
  readonly mall: Mall;
  readonly plan: MallPlan;
  readonly backend: SecretBackend;
}

const readerOf = ({ plan, backend }: KnownMall) => storeReader(plan, backend, "operator");

const ownOf = ({ plan }: KnownMall, name: string) => {
  const own = plan.services.find((service) => service.service === name);
  if (own === undefined) throw new Error(`a mall without ${name}`);
  return own;
};

/** What the agent says of each service. */
export async function statesOf({ mall, plan, backend }: KnownMall): Promise<readonly unknown[]> {
  const agent = agentOf(mall, plan, await readStore(backend, wantedSecrets(plan)));
  try {
    return (await agent.status()).services.map((service) => service.state);
  } finally {
    await agent.close();
  }
}

/** The application's user of the database, by its endpoint. */
export function databaseOf(known: KnownMall): MysqlTarget {
  const route = ownOf(known, "mysql").routes.find((one) => one.name === routeNames.primary);
  if (route === undefined) throw new Error("a database without its endpoint");
  return {
    address: hostNet(known.plan, known.mall.site.bind).route(route),
    user: accountNames.app,
    database: "shop",
    secrets: readerOf(known),
    password: secretOf(accountNames.app),
  };
}

export async function clusterOf(known: KnownMall): Promise<TrafficTarget> {
  const state = (await statesOf(known)).find(
    (one): one is RedisState => typeof one === "object" && one !== null && "nodes" in one,
  );
  const [info] = connectRedis(ownOf(known, "redis"), hostNet(known.plan, known.mall.site.bind), state);
  const { nodes, serverName, natMap } = info?.settings ?? {};
  return {
    nodes: nodes as readonly string[],
    serverName: String(serverName),
    natMap: natMap as Readonly<Record<string, string>>,
    secrets: readerOf(known),
    password: "redis.default",
  };
}

/** Every application at work. */
export const startMallTraffic = async (known: KnownMall): Promise<readonly RunningTraffic[]> => [
  await startRedisTraffic(await clusterOf(known)),
  await startMysqlTraffic(databaseOf(known)),
];
