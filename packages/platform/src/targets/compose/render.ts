/**
 * Plan → a folder that `docker compose` runs: compose.yaml and one configuration folder per instance, no
 * secret in any of it. Pure; the same plan gives the same bytes.
 */
import { stringify } from "yaml";
import { appliedBy, digest, fileContent } from "../../plan/config-file.ts";
import type { Instance, InstanceName, MallPlan, Probe, Scratch, Workload } from "../../plan/model.ts";
import { configDir, instanceAddress, instancesOn, instanceVariable } from "../../plan/names.ts";
import { containerName, labels, networkName, projectName, sharedVolumeName, volumeName } from "./names.ts";

export interface ComposeInput {
  readonly plan: MallPlan;
  /** Address that client ports are published on. */
  readonly bind: string;
  /** Image to run for each image name of the plan. */
  readonly images: Readonly<Record<string, string>>;
  /** Identity of the mall's state, so that its volumes are never taken for another mall's. */
  readonly mallId: string;
  /** Open files a container can have on this host: asking for more makes its start fail. */
  readonly maxFiles: number;
}

/** Path below the folder → content. */
export type RenderedFiles = ReadonlyMap<string, string>;

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

/** Rendered container logs: at most 3 × 10 MiB each, compressed by Docker's `local` driver. */
const logging = { driver: "local", options: { "max-size": "10m", "max-file": "3" } };

export interface ComposeRendering {
  readonly files: RenderedFiles;
  /** By instance: the digest that its container carries as a label when it was made from this rendering. */
  readonly definitions: ReadonlyMap<InstanceName, string>;
}

export function renderCompose(input: ComposeInput): ComposeRendering {
  const files = new Map<string, string>();
  const services: Record<string, Json> = {};
  const definitions = new Map<InstanceName, string>();
  for (const { service, workload, instance } of instancesOn(input.plan, "compose")) {
    const definition = defineInstance(input, workload, instance);
    const made = digest([definition, appliedBy(instance, "restart")]);
    definitions.set(instance.name, made);
    services[instance.name] = {
      ...definition,
      labels: instanceLabels(input, service, { workload, instance }, made),
    };
    for (const file of instance.files) {
      files.set(`config/${instance.name}/${file.path}`, fileContent(file));
    }
  }
  const document = {
    name: projectName(input.plan.mall),
    services,
    networks: { mall: { name: networkName(input.plan.mall), labels: mallLabels(input) } },
    volumes: renderVolumes(input),
  };
  const header = `# Rendered by mallstack from mall.yaml; \`mall up\` writes it again. Change mall.yaml instead.\n`;
  files.set("compose.yaml", header + stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }));
  return { files, definitions };
}

const mallLabels = (input: ComposeInput) => ({
  [labels.mall]: input.plan.mall,
  [labels.id]: input.mallId,
});

function instanceLabels(
  input: ComposeInput,
  service: string,
  { workload, instance }: { readonly workload: Workload; readonly instance: Instance },
  definition: string,
): Record<string, string> {
  return {
    ...mallLabels(input),
    [labels.service]: service,
    [labels.instance]: instance.name,
    [labels.definition]: definition,
    ...(workload.leansOn === undefined ? {} : { [labels.stopsFirst]: "true" }),
  };
}

function defineInstance(input: ComposeInput, workload: Workload, instance: Instance): Record<string, Json> {
  const { plan } = input;
  const image = input.images[workload.image.name] ?? `mallstack/${workload.image.name}:latest`;
  return {
    image,
    container_name: containerName(plan.mall, instance.name),
    hostname: instance.name,
    user: `${workload.user.uid}:${workload.user.gid}`,
    // Every image is made here, one on a reference of the user's too: what a registry has under its name is not ours.
    pull_policy: "never",
    restart: "unless-stopped",
    read_only: true,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges=true"],
    environment: { [instanceVariable]: instance.name, ...instance.environment },
    networks: {
      mall: { aliases: [instanceAddress(workload.name, instance.name), ...(instance.aliases ?? [])] },
    },
    ...(workload.hosts === undefined
      ? {}
      : { extra_hosts: workload.hosts.map(({ name, address }) => `${name}:${address}`) }),
    ...publishedPorts(input, workload, instance),
    ...dependencies(input, workload),
    volumes: mounts(workload, instance),
    tmpfs: workload.scratch.map((s) => tmpfs(s, workload)),
    mem_limit: workload.resources.memoryBytes,
    // The same figure: no swap, so that a limit is a limit.
    memswap_limit: workload.resources.memoryBytes,
    cpus: workload.resources.cpus,
    pids_limit: workload.resources.pids,
    ulimits: { nofile: Math.min(workload.resources.files, input.maxFiles) },
    healthcheck: healthcheck(workload.health),
    stop_grace_period: `${workload.stopGraceSeconds}s`,
    logging,
  };
}

/** The order of starting and stopping alone: waiting for their health would let one after the other warm up. */
function dependencies(input: ComposeInput, { leansOn = [] }: Workload): { readonly depends_on?: Json } {
  const needed = instancesOn(input.plan, "compose").filter((found) => leansOn.includes(found.workload.name));
  if (needed.length === 0) return {};
  return {
    depends_on: Object.fromEntries(
      needed.map(({ instance }) => [instance.name, { condition: "service_started" }]),
    ),
  };
}

function publishedPorts(
  input: ComposeInput,
  workload: Workload,
  instance: Instance,
): { readonly ports?: readonly Json[] } {
  if (instance.published.length === 0) return {};
  const ports = instance.published.map((p) => {
    const port = workload.ports.find((candidate) => candidate.name === p.port);
    if (port === undefined) throw new Error(`${instance.name} publishes no port of its workload: ${p.port}`);
    return {
      target: port.number,
      published: String(p.hostPort),
      host_ip: input.bind,
      protocol: port.transport ?? "tcp",
    };
  });
  return { ports };
}

function mounts(workload: Workload, instance: Instance): readonly Json[] {
  const config =
    instance.files.length === 0
      ? []
      : [
          {
            type: "bind",
            source: `./config/${instance.name}`,
            target: configDir(instance.name),
            read_only: true,
            bind: { create_host_path: false },
          },
        ];
  const secrets =
    instance.secrets.length === 0
      ? []
      : [{ type: "volume", source: `${instance.name}-secrets`, target: "/secrets", read_only: true }];
  const data = workload.volumes.map((v) => ({
    type: "volume",
    source: v.shared?.name ?? `${instance.name}-${v.name}`,
    target: v.path,
    ...(v.shared?.access === "read" ? { read_only: true } : {}),
  }));
  return [...config, ...secrets, ...data];
}

function tmpfs(scratch: Scratch, workload: Workload): string {
  const { uid, gid } = workload.user;
  const exec = scratch.exec === true ? "exec" : "noexec";
  return `${scratch.path}:rw,nosuid,nodev,${exec},size=${scratch.sizeBytes},mode=0700,uid=${uid},gid=${gid}`;
}

/**
 * Each check is a process that the engine starts in the container, which costs the more the more containers there are:
 * once healthy at Docker's own default, since the agent watches the servers themselves every two seconds. While
 * starting more often: what waits for a server goes on as soon as it is there.
 */
function healthcheck(probe: Probe): Json {
  return {
    test: ["CMD", ...probe.command],
    interval: "30s",
    timeout: `${probe.timeoutSeconds}s`,
    retries: probe.retries,
    start_period: `${probe.startSeconds}s`,
    start_interval: "2s",
  };
}

function renderVolumes(input: ComposeInput): Record<string, Json> {
  const { plan } = input;
  const volumes: Record<string, Json> = {};
  for (const { workload, instance } of instancesOn(plan, "compose")) {
    if (instance.secrets.length > 0) {
      // Made and filled before any container of ours exists, so Compose may not make it.
      volumes[`${instance.name}-secrets`] = {
        name: volumeName(plan.mall, instance.name, "secrets"),
        external: true,
      };
    }
    for (const volume of workload.volumes) {
      const key = volume.shared?.name ?? `${instance.name}-${volume.name}`;
      const name = volume.shared
        ? sharedVolumeName(plan.mall, volume.shared.name)
        : volumeName(plan.mall, instance.name, volume.name);
      volumes[key] = { name, labels: mallLabels(input) };
    }
  }
  return volumes;
}
