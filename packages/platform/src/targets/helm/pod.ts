/** The pod of a workload: one template for all of its instances; each finds its own folder by its name. */
import type { MallPlan, Scratch, Workload } from "../../plan/model.ts";
import { instanceVariable } from "../../plan/names.ts";
import {
  configMapName,
  isAgentLike,
  isCommon,
  objectKey,
  protocolOf,
  secretName,
  workloadLabels,
  workloadSelector,
} from "./names.ts";
import { secretPaths } from "./secrets.ts";
import { helm, type Json } from "./yaml.ts";

export function podTemplate(plan: MallPlan, workload: Workload): Json {
  const { mall } = plan;
  const { uid, gid } = workload.user;
  return {
    metadata: {
      labels: workloadLabels(mall, workload.name),
      // A changed configuration reaches a pod only when it is made anew, in the order of the rollout.
      annotations: { "mallstack.io/config": helm(`include "mall.configDigest" (list . "${workload.name}")`) },
    },
    spec: {
      serviceAccountName: workload.name,
      automountServiceAccountToken: isAgentLike(workload),
      enableServiceLinks: false,
      terminationGracePeriodSeconds: workload.stopGraceSeconds,
      imagePullSecrets: helm(".Values.imagePullSecrets | toJson"),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: gid,
        fsGroup: gid,
        // Changing the owner of every file of a large volume at each start would take minutes.
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      affinity: spread(mall, workload),
      ...(workload.hosts === undefined
        ? {}
        : { hostAliases: workload.hosts.map(({ name, address }) => ({ ip: address, hostnames: [name] })) }),
      containers: [container(workload)],
      volumes: [
        ...configVolume(workload),
        ...secretsVolume(plan, workload),
        ...commonVolumes(plan, workload),
        ...scratchVolumes(workload),
      ],
    },
  };
}

function container(workload: Workload): Json {
  const { resources } = workload;
  return {
    name: workload.name,
    image: helm(`index .Values.images "${workload.image.name}" | quote`),
    imagePullPolicy: helm(".Values.imagePullPolicy"),
    env: [
      { name: instanceVariable, valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      ...Object.entries(commonEnvironment(workload)).map(([name, value]) => ({ name, value })),
    ],
    ports: workload.ports.map((port) => ({
      name: port.name.slice(0, 15),
      containerPort: port.number,
      protocol: protocolOf(port),
    })),
    resources: {
      limits: { memory: String(resources.memoryBytes), cpu: String(resources.cpus) },
      // Memory is asked for whole: a database that was promised less is the first to be evicted.
      requests: { memory: String(resources.memoryBytes), cpu: `${Math.ceil(resources.cpus * 250)}m` },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    ...probes(workload),
    volumeMounts: [
      { name: "config", mountPath: "/config", readOnly: true },
      { name: "secrets", mountPath: "/secrets", readOnly: true },
      ...workload.volumes.map((volume) => ({ name: volume.name, mountPath: volume.path })),
      ...workload.scratch.map((scratch) => ({ name: scratchName(scratch), mountPath: scratch.path })),
    ],
  };
}

/** One pod template serves every instance, so what differs between them belongs into their files. */
function commonEnvironment(workload: Workload): Readonly<Record<string, string>> {
  const [first, ...others] = workload.instances.map((instance) => instance.environment);
  const same = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  if (!same)
    throw new Error(`${workload.name}: the instances' environments differ; use a configuration file`);
  return first ?? {};
}

/**
 * Start-up and readiness by the server's own protocol. Only what holds no data is restarted by its liveness: a
 * database that is slow under load is made slower by a restart, and the agent knows when one is needed.
 */
function probes(workload: Workload): { readonly [key: string]: Json } {
  const { health } = workload;
  const exec = { command: health.command };
  const probe = {
    exec,
    // Kubernetes' default: a pod that does not answer is out of its Service within half a minute.
    periodSeconds: 10,
    timeoutSeconds: health.timeoutSeconds,
    failureThreshold: health.retries,
  };
  return {
    startupProbe: {
      exec,
      periodSeconds: 2,
      timeoutSeconds: health.timeoutSeconds,
      failureThreshold: Math.ceil(health.startSeconds / 2) + health.retries,
    },
    readinessProbe: probe,
    ...(workload.stateful ? {} : { livenessProbe: probe }),
  };
}

/** Instances on different nodes where there are enough; on one node still all of them. */
function spread(mall: string, workload: Workload): Json | undefined {
  if (workload.instances.length < 2) return undefined;
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            topologyKey: "kubernetes.io/hostname",
            labelSelector: { matchLabels: workloadSelector(mall, workload.name) },
          },
        },
      ],
    },
  };
}

function configVolume(workload: Workload): readonly Json[] {
  const items = workload.instances.flatMap((instance) =>
    instance.files.map((file) => {
      const path = `${instance.name}/${file.path}`;
      return { key: objectKey(path), path };
    }),
  );
  return [{ name: "config", configMap: { name: configMapName(workload.name), items } }];
}

function secretsVolume(plan: MallPlan, workload: Workload): readonly Json[] {
  const sources = workload.instances.map((instance) => ({
    secret: {
      name: secretName(instance.name),
      // A previous password exists only while a rotation goes on.
      optional: true,
      items: secretPaths(plan, instance).map((path) => ({
        key: objectKey(path),
        path: `${instance.name}/current/${path}`,
      })),
    },
  }));
  return [{ name: "secrets", projected: { defaultMode: 0o440, sources } }];
}

const commonVolumes = (plan: MallPlan, workload: Workload): readonly Json[] =>
  workload.volumes.flatMap((volume) =>
    volume.shared === undefined || !isCommon(plan, volume)
      ? []
      : [{ name: volume.name, persistentVolumeClaim: { claimName: volume.shared.name } }],
  );

const scratchName = (scratch: Scratch): string => `scratch${scratch.path.replaceAll("/", "-")}`;

function scratchVolumes(workload: Workload): readonly Json[] {
  return workload.scratch.map((scratch) => ({
    name: scratchName(scratch),
    emptyDir: { medium: "Memory", sizeLimit: String(scratch.sizeBytes) },
  }));
}
