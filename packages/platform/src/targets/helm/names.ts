/** Names and labels of a mall's Kubernetes objects. One mall lives in one namespace. */
import type { InstanceName, MallPlan, Port, Volume, Workload } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";

export const partOf = (mall: string): Readonly<Record<string, string>> => ({
  "app.kubernetes.io/part-of": mall,
  "app.kubernetes.io/managed-by": "mallstack",
});

export const workloadLabels = (mall: string, workload: string): Readonly<Record<string, string>> => ({
  "app.kubernetes.io/name": workload,
  ...partOf(mall),
});

/** What selects a workload's pods; a subset of its labels that never changes. */
export const workloadSelector = (mall: string, workload: string): Readonly<Record<string, string>> => ({
  "app.kubernetes.io/name": workload,
  "app.kubernetes.io/part-of": mall,
});

/** Set and taken away by the agent: route Services select it. */
export const roleLabel = (role: string): string => `role.mallstack.io/${role}`;

export const configMapName = (workload: string): string => `${workload}-config`;
export const secretName = (instance: InstanceName): string => `${instance}-secrets`;

/** ConfigMap and Secret keys know no folders, so a key is its path with the slashes replaced. */
export const objectKey = (path: string): string => path.replaceAll("/", "__");

/** Label that a client's pod carries to be let through to the mall's client ports. */
export const clientLabel = "mallstack.io/client";

export const isAgentLike = (workload: Workload): boolean =>
  workload.instances.some((instance) => instance.allCredentials === true);

/**
 * Whether a volume is one for several pods, by a claim of its own. Where a single pod mounts it, it is that pod's like
 * any other: the rest of its users are the other target's.
 */
export const isCommon = (plan: MallPlan, volume: Volume): boolean =>
  instancesOn(plan, "kubernetes").filter(({ workload }) =>
    workload.volumes.some((v) => v.shared !== undefined && v.shared.name === volume.shared?.name),
  ).length > 1;

export const protocolOf = (port: Port): "TCP" | "UDP" => (port.transport === "udp" ? "UDP" : "TCP");
