/** `ConnectInfo` of the services, completed by what only the host knows: the files of passwords and CAs. */
import { join } from "node:path";
import { secretsFolder } from "../secrets/backend.ts";
import { trustedKey, valueKey } from "../secrets/store.ts";
import type { AnyService, ConnectInfo } from "../services/service.ts";
import { agentOf } from "../targets/compose/agent.ts";
import { hostNet } from "../targets/compose/ports.ts";
import { type OpenMall, readSecrets } from "./mall.ts";

export interface Connection {
  readonly title: string;
  readonly settings: ConnectInfo["settings"];
}

/** Settings of each service as a client on this machine needs them. */
export async function connectionsTo(
  opened: OpenMall,
  services: readonly AnyService[],
): Promise<readonly Connection[]> {
  const infos = await connectInfos(opened, services);
  const secrets = secretsFolder(opened.mall.site.name, opened.stateHome);
  const { values } = await readSecrets(opened.plan, opened.stateHome);
  return infos.map((info) => ({
    title: info.title,
    settings: {
      ...info.settings,
      user: typeof info.user === "string" ? info.user : info.user(values.get(info.password)?.current ?? ""),
      passwordFile: join(secrets, valueKey(info.password)),
      caFile: join(secrets, trustedKey),
    },
  }));
}

export async function connectInfos(
  { mall, plan, stateHome }: OpenMall,
  services: readonly AnyService[],
): Promise<readonly ConnectInfo[]> {
  const agent = agentOf(mall, plan, await readSecrets(plan, stateHome));
  try {
    const status = await agent.status().catch(() => undefined);
    return services.flatMap((service) => {
      const own = plan.services.find((one) => one.service === service.name);
      const state = status?.services.find((one) => one.service === service.name)?.state;
      if (own === undefined || service.connect === undefined) return [];
      return service.connect(own, hostNet(plan, mall.site.bind), state);
    });
  } finally {
    await agent.close();
  }
}
