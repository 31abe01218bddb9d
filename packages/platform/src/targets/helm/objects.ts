/** The Kubernetes objects of a workload and of a route. */
import type { MallPlan, Port, Route, ServicePlan, Workload } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";
import {
  clientLabel,
  configMapName,
  isAgentLike,
  isCommon,
  objectKey,
  protocolOf,
  roleLabel,
  workloadLabels,
  workloadSelector,
} from "./names.ts";
import { podTemplate } from "./pod.ts";
import { helm, type Json } from "./yaml.ts";

const meta = (mall: string, name: string, workload = name): Json => ({
  name,
  labels: workloadLabels(mall, workload),
});

const servicePorts = (ports: readonly Port[]): Json =>
  ports.map((port) => ({
    name: port.name.slice(0, 15),
    port: port.number,
    targetPort: port.number,
    ...(port.transport === undefined ? {} : { protocol: protocolOf(port) }),
  }));

/** ConfigMap whose values are read from the chart's own files, byte for byte those of the Compose folder. */
export function configMap(mall: string, workload: Workload): Json {
  const data: Record<string, Json> = {};
  for (const instance of workload.instances) {
    for (const file of instance.files) {
      const path = `${instance.name}/${file.path}`;
      data[objectKey(path)] = helm(`.Files.Get "files/config/${path}" | toJson`);
    }
  }
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: meta(mall, configMapName(workload.name), workload.name),
    data,
  };
}

export function statefulSet(plan: MallPlan, workload: Workload): Json {
  const { mall } = plan;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: meta(mall, workload.name),
    spec: {
      serviceName: workload.name,
      replicas: workload.instances.length,
      ordinals: { start: 1 },
      podManagementPolicy: "Parallel",
      // The order of a change is the service's own (replicas before the primary): pods are replaced by the agent.
      updateStrategy: { type: "OnDelete" },
      selector: { matchLabels: workloadSelector(mall, workload.name) },
      template: podTemplate(plan, workload),
      volumeClaimTemplates: workload.volumes
        .filter((volume) => !isCommon(plan, volume))
        .map((volume) => ({
          metadata: { name: volume.name },
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: helm(".Values.storageClass | toJson"),
            resources: { requests: { storage: String(volume.sizeBytes) } },
          },
        })),
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    },
  };
}

/** Claims of volumes that several pods mount. A release that is removed leaves them, as it leaves the others. */
export const commonClaims = (plan: MallPlan, workload: Workload): readonly Json[] =>
  workload.volumes.flatMap((volume) =>
    volume.shared === undefined || !isCommon(plan, volume)
      ? []
      : [
          {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: {
              name: volume.shared.name,
              labels: workloadLabels(plan.mall, workload.name),
              annotations: { "helm.sh/resource-policy": "keep" },
            },
            spec: {
              accessModes: ["ReadWriteMany"],
              storageClassName: helm(".Values.sharedStorageClass | toJson"),
              resources: { requests: { storage: String(volume.sizeBytes) } },
            },
          },
        ],
  );

/** Gives each pod its name; also while it is not ready, since a cluster forms before its members are. */
export function headlessService(mall: string, workload: Workload): Json {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: meta(mall, workload.name),
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: workloadSelector(mall, workload.name),
      ports: servicePorts(workload.ports),
    },
  };
}

export function serviceAccount(mall: string, workload: Workload): Json {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: meta(mall, workload.name),
    automountServiceAccountToken: false,
  };
}

/** At most one instance away by an orderly eviction. */
export function disruptionBudget(mall: string, workload: Workload): readonly Json[] {
  if (workload.instances.length < 2) return [];
  return [
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: meta(mall, workload.name),
      spec: { maxUnavailable: 1, selector: { matchLabels: workloadSelector(mall, workload.name) } },
    },
  ];
}

/** Peers and the agent reach every port; client ports take the pods that carry the client's label too. */
export function networkPolicy(plan: MallPlan, workload: Workload): Json {
  const { mall } = plan;
  const agents = instancesOn(plan, "kubernetes").filter((found) => isAgentLike(found.workload));
  const names = new Set([workload.name, ...agents.map((found) => found.workload.name)]);
  const trusted = [...names].map((name) => ({
    podSelector: { matchLabels: workloadSelector(mall, name) },
  }));
  const clientPorts = workload.ports.filter((port) => port.audience === "clients");
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: meta(mall, workload.name),
    spec: {
      podSelector: { matchLabels: workloadSelector(mall, workload.name) },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: trusted,
          ports: workload.ports.map((port) => ({ port: port.number, protocol: protocolOf(port) })),
        },
        ...(clientPorts.length === 0
          ? []
          : [
              {
                from: [{ podSelector: { matchLabels: { [clientLabel]: mall } } }],
                ports: clientPorts.map((port) => ({ port: port.number, protocol: protocolOf(port) })),
              },
            ]),
      ],
    },
  };
}

/** A stable address for the members of a route: those that carry the role's label, or every ready one. */
export function routeService(plan: MallPlan, service: ServicePlan, route: Route): Json {
  const first = route.members[0];
  const workload = service.workloads.find((w) => w.instances.some((i) => i.name === first?.instance));
  if (first === undefined || workload === undefined)
    throw new Error(`route ${route.name} has no member in the workloads of ${service.service}`);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: route.name, labels: { ...workloadLabels(plan.mall, workload.name) } },
    spec: {
      selector: {
        ...workloadSelector(plan.mall, workload.name),
        ...(route.select.kind === "role" ? { [roleLabel(route.select.role)]: "true" } : {}),
      },
      ports: [{ name: route.protocol.slice(0, 15), port: route.port, targetPort: first.port }],
    },
  };
}

/** What the agent may do in its namespace, and nothing beyond it: see and replace pods, label roles, hold a lease. */
export function agentRole(mall: string, workload: Workload): readonly Json[] {
  const rules: Json = [
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "patch", "delete"] },
    { apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] },
    { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"] },
  ];
  return [
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: meta(mall, workload.name), rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: meta(mall, workload.name),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: workload.name },
      subjects: [{ kind: "ServiceAccount", name: workload.name }],
    },
  ];
}
