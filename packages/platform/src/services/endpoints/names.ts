/** Every name that two parts of this service agree on. */
import type { Route } from "../../plan/model.ts";
import { instanceName, runDir } from "../../plan/names.ts";

export const workloadName = "haproxy";
/** One instance: on one machine a second one shares every fate of the first but its own crash. */
export const instance = instanceName(workloadName, 1);
export const configFile = "haproxy.cfg";

/** HAProxy's command port behind mutual TLS, and its metrics. */
export const ports = {
  runtime: { name: "runtime", number: 9999 },
  metrics: { name: "metrics", number: 8404 },
} as const;

/** Socket of HAProxy's own, inside its container. */
export const adminSocket = `${runDir}/admin.sock`;

/** Folder of the state file: the agent writes it, HAProxy reads it when it starts. Both images make this place. */
export const stateFolder = "/state";
export const stateFile = `${stateFolder}/haproxy.state`;
/** Common name of the volume. */
export const stateVolume = "endpoints-state";

/** Common names of client certificates that may command HAProxy. */
export const commanders = ["agent", "operator"] as const;

export type RoleRoute = Route & { readonly select: { readonly kind: "role" } };
export const isRoleRoute = (route: Route): route is RoleRoute => route.select.kind === "role";
