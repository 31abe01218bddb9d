/** How rotated certificates and passwords reach a mall on Compose, and how it is seen that they have. */
import type { Engine } from "../../engine/engine.ts";
import { digest } from "../../plan/config-file.ts";
import type { InstanceName, MallPlan } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";
import type { Progress } from "../../progress.ts";
import type { RotationSteps } from "../../secrets/authority-rotation.ts";
import { secretError } from "../../secrets/errors.ts";
import type { ValueRotationSteps } from "../../secrets/rotation.ts";
import { type SecretSnapshot, trustedCertificates } from "../../secrets/store.ts";
import { servedCertificates } from "../../secrets/wanted.ts";
import { portAddress } from "../../services/port-address.ts";
import { dialTls } from "../../services/tls-probe.ts";
import type { Mall } from "../../spec/mall.ts";
import { text } from "../../text.ts";
import { agentOf, waitConverged } from "./agent.ts";
import { containersOf, type RunningContainer } from "./containers.ts";
import { composeError } from "./errors.ts";
import { findExpiredReaders, findLateReaders, restartExpired, restartReaders } from "./late-certificates.ts";
import { hostNet } from "./ports.ts";
import { deliverSecrets } from "./secret-volumes.ts";
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

  const delivered = (): SecretSnapshot => {
    if (latest === undefined) throw new Error("waited for before anything was delivered");
    return latest;
  };
  const withAgent = async (work: (agent: ReturnType<typeof agentOf>) => Promise<void>): Promise<void> => {
    const agent = agentOf(target.mall, plan, delivered());
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
          const context = { ...target, folder: folders.compose, agent, snapshot: delivered(), note };
          await restartExpired(context, await findExpiredReaders(context));
          await restartReaders(context, await findLateReaders(context));
          await waitConverged(agent, target.mall, { timeoutMs, signal, note });
          await waitOnWire(target, containers, expected, operatorIdentity(plan, delivered()), note);
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
          .filter(({ port }) =>
            workload.ports.some(
              (one) => one.name === port && one.encryption === "tls" && one.transport !== "udp",
            ),
          )
          .map(({ port }) => ({ instance: instance.name, address: portAddress(net, plan, instance, port) }))
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
function operatorIdentity(plan: MallPlan, snapshot: SecretSnapshot): Identity {
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
