/** Every name and path that two parts must agree on, in one file. */
import type { InstanceName, MallPlan, Workload } from "./model.ts";

/** Read-only folder of an instance's configuration files, inside its container. */
export const configDir = (instance: InstanceName): string => `/config/${instance}`;

/** Folder of an instance's keys, certificates and passwords; `current` is a symlink, swapped atomically. */
export const secretsDir = (instance: InstanceName): string => `/secrets/${instance}/current`;

/**
 * Below the secrets folder of an instance with `allCredentials`: one file per credential, named by its id, and the
 * JSON object instance name → SHA-256 fingerprint (hex, lower case) of the certificate it should serve.
 */
export const credentialsFolder = "credentials";
export const previousSuffix = ".previous";
export const fingerprintsFile = "fingerprints.json";

/** The resolved mall as JSON, in the configuration folder of the workload that plans by itself. */
export const mallFile = "mall.json";

/** Where the agent's API is found, by `Net.address`; the number is what it listens on in its container. */
export const agentApi = { instance: "agent-1", port: "api", number: 8443 } as const;

/** Where every image keeps its data, and where sockets, pid files and temporary files go. */
export const dataDir = "/data";
export const runDir = "/run/mall";

/** Variable by which an entrypoint finds its instance's folders. */
export const instanceVariable = "MALL_INSTANCE";

export const instanceName = (workload: string, index: number): InstanceName => `${workload}-${index}`;

/**
 * Address of an instance, the same on both targets: Compose gives it as a network alias; on Kubernetes it is
 * the pod's name under its headless service, completed by the search domain.
 */
export const instanceAddress = (workload: string, instance: InstanceName): string =>
  `${instance}.${workload}`;

/** The endpoint service's name for a route, on both targets. */
export const routeAddress = (route: string): string => route;

/** Every workload of a mall, in the order of its services. */
export const workloadsOf = (plan: MallPlan): readonly Workload[] => plan.services.flatMap((s) => s.workloads);

export interface Located {
  readonly service: string;
  readonly workload: Workload;
  readonly instance: Workload["instances"][number];
}

/** All instances of a mall with where they belong. */
export const instancesOf = (plan: MallPlan): readonly Located[] =>
  plan.services.flatMap((s) =>
    s.workloads.flatMap((workload) =>
      workload.instances.map((instance) => ({ service: s.service, workload, instance })),
    ),
  );

/** The instances that a target runs. */
export const instancesOn = (plan: MallPlan, target: "compose" | "kubernetes"): readonly Located[] =>
  instancesOf(plan).filter(({ workload }) => workload.onlyOn === undefined || workload.onlyOn === target);
