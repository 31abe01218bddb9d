/** The three ports of a service's context as the host sees a mall on Compose. */
import type { Engine } from "../../engine/engine.ts";
import type { InstanceName, MallPlan } from "../../plan/model.ts";
import { instanceAddress, instancesOf } from "../../plan/names.ts";
import type { EnginePort, ExecResult, Inside, Net } from "../../services/service.ts";
import { containerOf } from "./containers.ts";
import { composeError } from "./errors.ts";
import { containerName, networkName } from "./names.ts";
import { composeUp } from "./project.ts";

/** The network from outside: only what is published on the bind address. */
export function hostNet(plan: MallPlan, bind: string): Net {
  // An unspecified bind address is reached through loopback from this machine.
  const host = bind === "0.0.0.0" ? "127.0.0.1" : bind === "::" ? "::1" : bind;
  const located = new Map(instancesOf(plan).map((found) => [found.instance.name, found]));
  return {
    address(instance, port) {
      const found = located.get(instance);
      const published = found?.instance.published.find((p) => p.port === port);
      if (published === undefined) throw composeError.PORT_NOT_PUBLISHED({ instance, port });
      return { host, port: published.hostPort, serverName: instance };
    },
    route: (route) => ({ host, port: route.hostPort, serverName: route.name }),
    resolve: async (instance) => {
      throw composeError.PORT_NOT_PUBLISHED({ instance, port: "dns" });
    },
  };
}

export function inside(engine: Engine, mall: string): Inside {
  return {
    async exec(instance, command, { timeoutMs }): Promise<ExecResult> {
      const { exitCode, ...said } = await engine.exec(containerName(mall, instance), command, timeoutMs);
      return { code: exitCode, ...said };
    },
  };
}

export function enginePort(engine: Engine, plan: MallPlan, folder: string): EnginePort {
  const { mall } = plan;
  const on = async (args: readonly string[], instance: InstanceName): Promise<void> => {
    await engine.docker([...args, containerName(mall, instance)]);
  };
  return {
    async state(instance) {
      return (
        (await containerOf(engine, mall, instance)) ?? {
          instance,
          status: "absent",
          health: "none",
          image: "",
          startedAt: "",
          oomKilled: false,
          restarts: 0,
        }
      );
    },
    start: (instance) => on(["start"], instance),
    stop: (instance) => on(["stop"], instance),
    kill: (instance) => on(["kill"], instance),
    restart: (instance) => on(["restart"], instance),
    recreate: (instance) => composeUp(engine, mall, folder, [instance], { recreate: true }),
    pause: (instance) => on(["pause"], instance),
    unpause: (instance) => on(["unpause"], instance),
    cut: (instance) => on(["network", "disconnect", "--force", networkName(mall)], instance),
    async join(instance) {
      const found = instancesOf(plan).find((one) => one.instance.name === instance);
      const names = [
        instance,
        ...(found === undefined ? [] : [instanceAddress(found.workload.name, instance)]),
        ...(found?.instance.aliases ?? []),
      ];
      const aliases = names.flatMap((name) => ["--alias", name]);
      await on(["network", "connect", ...aliases, networkName(mall)], instance);
    },
  };
}
