/** What runs of a mall, by the engine's API: some ten milliseconds for all of its containers. */
import type { Engine } from "../../engine/engine.ts";
import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import type { ContainerState } from "../../services/service.ts";
import { containerName, labels } from "./names.ts";

export interface RunningContainer extends ContainerState {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** Digest of the definition it was made from. */
  readonly definition: string;
  readonly mallId: string;
  /** Cannot stop in order once others have. */
  readonly stopsFirst: boolean;
  readonly exitCode: number;
  readonly ipAddress: string;
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> };
  readonly State: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly OOMKilled: boolean;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string };
  };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** Containers of the mall by instance, running or not. */
export async function containersOf(
  engine: Engine,
  mall: string,
): Promise<ReadonlyMap<InstanceName, RunningContainer>> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${labels.mall}=${mall}`] }));
  const listed = (await engine.api(`/containers/json?all=1&filters=${filters}`)) as { readonly Id: string }[];
  const inspected = await Promise.all(listed.map(({ Id }) => inspect(engine, Id)));
  const found = inspected.flatMap((one) => {
    if (one === undefined) return [];
    const instance = one.Config.Labels[labels.instance];
    return instance === undefined ? [] : [[instance, describe(instance, one)] as const];
  });
  return new Map(found);
}

/** An instance's container, or undefined when there is none. One request, where {@link containersOf} makes one for each. */
export async function containerOf(
  engine: Engine,
  mall: string,
  instance: InstanceName,
): Promise<RunningContainer | undefined> {
  const found = await inspect(engine, containerName(mall, instance));
  return found === undefined ? undefined : describe(instance, found);
}

/** One container by its id or name, or undefined when there is none, or none any more. */
async function inspect(engine: Engine, id: string): Promise<Inspected | undefined> {
  try {
    return (await engine.api(`/containers/${id}/json`)) as Inspected;
  } catch (error) {
    if (messageOf(error).includes("No such container")) return undefined;
    throw error;
  }
}

function describe(instance: InstanceName, one: Inspected): RunningContainer {
  const health = one.State.Health?.Status;
  return {
    id: one.Id,
    name: one.Name.replace(/^\//, ""),
    instance,
    service: one.Config.Labels[labels.service] ?? "",
    definition: one.Config.Labels[labels.definition] ?? "",
    mallId: one.Config.Labels[labels.id] ?? "",
    stopsFirst: one.Config.Labels[labels.stopsFirst] === "true",
    image: one.Config.Image,
    status: statusOf(one.State.Status),
    health: health === "healthy" || health === "unhealthy" || health === "starting" ? health : "none",
    startedAt: one.State.StartedAt,
    oomKilled: one.State.OOMKilled,
    exitCode: one.State.ExitCode,
    restarts: one.RestartCount,
    ipAddress: Object.values(one.NetworkSettings.Networks)[0]?.IPAddress ?? "",
  };
}

function statusOf(status: string): ContainerState["status"] {
  switch (status) {
    case "running":
    case "paused":
    case "restarting":
    case "created":
      return status;
    default:
      return "exited";
  }
}
