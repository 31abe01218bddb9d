/** How rotated certificates and passwords reach a mall on Compose, and how it is seen that they have. */
import type { Engine } from "../../engine/engine.ts";
import { digest } from "../../plan/config-file.ts";
import type { InstanceName, MallPlan } from "../../plan/model.ts";
import { instancesOn, type Located } from "../../plan/names.ts";
import type { Progress } from "../../progress.ts";
import type { RotationSteps } from "../../secrets/authority-rotation.ts";
import { secretError } from "../../secrets/errors.ts";
import type { ValueRotationSteps } from "../../secrets/rotation.ts";
import { type SecretSnapshot, trustedCertificates } from "../../secrets/store.ts";
import { servedCertificates } from "../../secrets/wanted.ts";
import { servicesOf } from "../../services/plan-mall.ts";
import { dialTls } from "../../services/tls-probe.ts";
import type { Mall } from "../../spec/mall.ts";
import { text } from "../../text.ts";
import { agentOf, waitConverged } from "./agent.ts";
import { containersOf, type RunningContainer } from "./containers.ts";
import { composeError } from "./errors.ts";
import { hostNet } from "./ports.ts";
import { rolloutService } from "./rollout.ts";
import { deliverSecrets, deliveryTimes } from "./secret-volumes.ts";
import { type MallFolders, readApplied, readIdentity } from "./state.ts";

export interface RotationTarget {
  readonly mall: Mall;
  readonly plan: MallPlan;
  readonly engine: Engine;
  readonly stateHome: string;
  readonly folders: MallFolders;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface ComposeRotation extends RotationSteps, ValueRotationSteps {
  /** Nothing runs: what is in the store is delivered to what exists, and by the next `mall up`; nobody is waited for. */
  readonly isStopped: boolean;
}

/** Servers reload within seconds; one that is restarted may have to catch up. */
const timeoutMs = 180_000;
const dialTimeoutMs = 3_000;
const pollMs = 300;

/** @throws PLAN_NOT_APPLIED when mall.yaml asks for another mall than the one that runs. */
export async function composeRotation(target: RotationTarget): Promise<ComposeRotation> {
  const { plan, engine, folders, progress, signal } = target;
  const [all, identity, applied] = await Promise.all([
    containersOf(engine, plan.mall),
    readIdentity(folders),
    readApplied(folders),
  ]);
  // Another state directory's mall of the same name has other keys.
  const containers = new Map([...all].filter(([, one]) => one.mallId === identity?.id));
  const isStopped = ![...containers.values()].some((one) => one.status === "running");
  if (!isStopped && applied !== undefined && digest(applied) !== digest(plan)) {
    throw composeError.PLAN_NOT_APPLIED({ mall: plan.mall });
  }
  const existing = new Set(containers.keys());
  let latest: SecretSnapshot | undefined;

  const withAgent = async (work: (agent: ReturnType<typeof agentOf>) => Promise<void>): Promise<void> => {
    if (latest === undefined) throw new Error("waited for before anything was delivered");
    const agent = agentOf(target.mall, plan, latest);
    try {
      await work(agent);
    } finally {
      await agent.close();
    }
  };
  const title = text("Wait until the servers use them", "等待服务器换用");

  return {
    isStopped,
    async deliver(snapshot) {
      latest = snapshot;
      if (existing.size === 0) return;
      await deliverSecrets({
        engine,
        plan,
        snapshot,
        images: imagesOfContainers(plan, containers),
        mallId: identity?.id ?? "",
        stateHome: target.stateHome,
        // Volumes of containers that are yet to be made are filled when `mall up` makes them.
        only: existing,
        progress,
        signal,
      });
    },
    async waitServed(expected) {
      if (isStopped) return;
      await progress.task(title, (note) =>
        withAgent(async (agent) => {
          await restartReaders(target, agent, note);
          await waitConverged(agent, target.mall, { timeoutMs, signal, note });
          await waitOnWire(target, containers, expected, operatorIdentity(plan, latest), note);
        }),
      );
    },
    async waitAccepted() {
      if (isStopped) return false;
      await progress.task(title, (note) =>
        withAgent((agent) => waitConverged(agent, target.mall, { timeoutMs, signal, note })),
      );
      return true;
    },
  };
}

/** What each image name of the plan runs as now; a rotation changes no image. */
function imagesOfContainers(
  plan: MallPlan,
  containers: ReadonlyMap<InstanceName, RunningContainer>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    instancesOn(plan, "compose").flatMap(({ workload, instance }) => {
      const image = containers.get(instance.name)?.image;
      return image === undefined ? [] : [[workload.image.name, image] as const];
    }),
  );
}

/**
 * Pure. Running servers that read their certificate at their start only, and were started before theirs came.
 * @param times when each instance's secrets last changed, in milliseconds since the epoch
 */
export function lateReaders(
  plan: MallPlan,
  containers: ReadonlyMap<InstanceName, Pick<RunningContainer, "status" | "startedAt">>,
  times: ReadonlyMap<InstanceName, number>,
): readonly Located[] {
  return instancesOn(plan, "compose").filter(({ instance }) => {
    const rolls = instance.secrets.some(({ ref }) => ref.kind === "certificate" && ref.rotate === "roll");
    const container = containers.get(instance.name);
    if (!rolls || container?.status !== "running") return false;
    return Date.parse(container.startedAt) < (times.get(instance.name) ?? 0);
  });
}

/** One after the other, in the order and with the waits of their service. */
async function restartReaders(
  target: RotationTarget,
  agent: ReturnType<typeof agentOf>,
  note: (detail: string) => void,
): Promise<void> {
  const { plan, mall, engine } = target;
  const [containers, times] = await Promise.all([
    containersOf(engine, plan.mall),
    deliveryTimes(target.stateHome, plan.mall),
  ]);
  const late = lateReaders(plan, containers, times);
  for (const service of servicesOf(mall)) {
    const changes = late
      .filter((found) => found.service === service.name)
      .map(({ instance }) => ({
        instance: instance.name,
        apply: "restart" as const,
        what: ["certificate"],
      }));
    if (changes.length === 0) continue;
    await rolloutService(
      { engine, mall, plan, folder: target.folders.compose, agent, signal: target.signal, note },
      service,
      changes,
    );
  }
}

/**
 * A look from outside, independent of the agent, at every published port that speaks TLS from its first byte. A port
 * may pass on to another instance: then one of the other expected certificates answers, which is as good.
 */
async function waitOnWire(
  { plan, mall, signal }: RotationTarget,
  containers: ReadonlyMap<InstanceName, RunningContainer>,
  expected: ReadonlyMap<InstanceName, string>,
  identity: Identity,
  note: (detail: string) => void,
): Promise<void> {
  const net = hostNet(plan, mall.site.bind);
  const served = servedCertificates(plan);
  const current = new Set(expected.values());
  let waiting = instancesOn(plan, "compose").flatMap(({ workload, instance }) =>
    served.has(instance.name) && containers.get(instance.name)?.status === "running"
      ? instance.published
          .filter(({ port }) => workload.ports.find((one) => one.name === port)?.encryption === "tls")
          .map(({ port }) => ({ instance: instance.name, address: net.address(instance.name, port) }))
      : [],
  );
  const startedAt = Date.now();
  for (;;) {
    const verdicts = await Promise.all(
      waiting.map(async (one) => current.has(await fingerprintAt(one.address, identity, signal))),
    );
    waiting = waiting.filter((_, index) => verdicts[index] === false);
    if (waiting.length === 0) return;
    signal.throwIfAborted();
    const instances = waiting.map((one) => one.instance);
    if (Date.now() - startedAt > timeoutMs) {
      throw secretError.SERVED_STALE({ instances, seconds: Math.round(timeoutMs / 1000) });
    }
    note(instances.join(", "));
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

interface Identity {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** As whom the host looks at servers: the client certificate that the plan gives to callers from outside. */
function operatorIdentity(plan: MallPlan, snapshot: SecretSnapshot | undefined): Identity {
  if (snapshot === undefined) throw new Error("waited for before anything was delivered");
  const ca = trustedCertificates(snapshot);
  const client = plan.services.flatMap((service) => service.clients ?? [])[0];
  const pair = client === undefined ? undefined : snapshot.certificates.get(client.id);
  return pair === undefined ? { ca } : { ca, cert: pair.certificate, key: pair.key };
}

/** Empty when nothing answers there with a certificate that the mall's CA has signed. */
async function fingerprintAt(
  address: Parameters<typeof dialTls>[0],
  identity: Identity,
  signal: AbortSignal,
): Promise<string> {
  try {
    const socket = await dialTls(address, identity, { signal, timeoutMs: dialTimeoutMs });
    const fingerprint = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
    socket.destroy();
    return fingerprint;
  } catch {
    return "";
  }
}
