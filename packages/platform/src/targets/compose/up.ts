/**
 * `mall up` on Compose: from a loaded mall.yaml to servers that the agent calls converged. Runs again at any
 * point it was cut: each phase first looks at what is there.
 */
import type { AgentClient } from "../../agent/client.ts";
import type { Engine } from "../../engine/engine.ts";
import { ensureImages, type ReadyImage } from "../../engine/images/ensure.ts";
import { imageRefs, imagesOf } from "../../engine/images/list.ts";
import type { InstanceName, MallPlan } from "../../plan/model.ts";
import { instancesOn, type Located } from "../../plan/names.ts";
import type { Progress } from "../../progress.ts";
import { fileBackend, secretsFolder } from "../../secrets/backend.ts";
import { ensureSecrets } from "../../secrets/ensure.ts";
import type { AuthorityPhase, SecretSnapshot } from "../../secrets/store.ts";
import { planMall, servicesOf } from "../../services/plan-mall.ts";
import type { Mall } from "../../spec/mall.ts";
import { text } from "../../text.ts";
import { agentOf, waitConverged } from "./agent.ts";
import { compareRunning, type Difference, isEmpty } from "./compare.ts";
import { containersOf } from "./containers.ts";
import { composeError } from "./errors.ts";
import { writeFolder } from "./folder.ts";
import { findExpiredReaders, findLateReaders, restartExpired, restartReaders } from "./late-certificates.ts";
import { containerName } from "./names.ts";
import { takenPorts } from "./ports-in-use.ts";
import { composeUp } from "./project.ts";
import { renderCompose } from "./render.ts";
import { type RolloutContext, rolloutService } from "./rollout.ts";
import { deliverSecrets } from "./secret-volumes.ts";
import { ensureIdentity, type MallFolders, mallFolders, readApplied, writeApplied } from "./state.ts";
import { refuseForeignVolumes } from "./volumes.ts";
import { waitHealthy } from "./wait.ts";

export interface UpInput {
  readonly mall: Mall;
  readonly engine: Engine;
  /** The clone: Dockerfiles and the agent's bundle are below it. */
  readonly root: string;
  readonly stateHome: string;
  readonly maxFiles: number;
  /** Leaves containers alone that this plan does not have: `--only` brings up a part of a mall. */
  readonly keepSurplus: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface UpResult {
  readonly mall: string;
  /** True when everything already was as it should be and nothing was touched. */
  readonly unchanged: boolean;
  readonly difference: Difference;
  /** Servers that could not take their new certificate up while they ran. */
  readonly restarted: readonly InstanceName[];
  /** Wall time in milliseconds by phase. */
  readonly phases: Readonly<Record<string, number>>;
  readonly images: Readonly<Record<string, string>>;
  /** Images that were kept although this clone would make others: their data is not to be risked by the way. */
  readonly outdated: readonly string[];
  /** Another than `stable`: a replacement of the CA was begun and is not finished. */
  readonly authority: AuthorityPhase;
}

type Rollout = Omit<RolloutContext, "note"> & Pick<UpInput, "progress">;

/** The whole mall's first start on two cores that also do other work, seen at two thirds of this. */
const healthTimeoutMs = 360_000;
const convergeTimeoutMs = 360_000;

export async function up(input: UpInput): Promise<UpResult> {
  const { mall, engine } = input;
  const folders = mallFolders(input.stateHome, mall.site.name);
  const phases: Record<string, number> = {};
  const timed = async <T>(phase: string, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      phases[phase] = Math.round(performance.now() - startedAt);
    }
  };

  const plan = planMall(mall);
  const identity = await ensureIdentity(folders);
  await refuseForeignVolumes(engine, mall.site.name, identity.id);
  const [ready, secrets] = await Promise.all([
    timed("images", () => buildImages(input, plan)),
    timed("secrets", () => makeSecrets(input, plan)),
  ]);
  const images = imageRefs(plan, ready);
  const rendering = renderCompose({
    plan,
    bind: mall.site.bind,
    images,
    mallId: identity.id,
    maxFiles: input.maxFiles,
  });
  const running = await containersOf(engine, mall.site.name);
  const difference = compareRunning(plan, rendering.definitions, running, await readApplied(folders));
  await refuseTakenPorts(mall, plan, difference);
  await writeFolder(folders.compose, rendering.files);
  await timed("deliver", () =>
    deliverSecrets({ ...input, plan, images, mallId: identity.id, snapshot: secrets }),
  );
  await timed("start", () => startContainers(input, folders, difference));
  await timed("remove", () => removeSurplus(input, difference));

  let restarted: readonly InstanceName[] = [];
  const agent = agentOf(mall, plan, secrets);
  try {
    const look = { ...input, plan, agent, snapshot: secrets };
    const rollout = { ...input, plan, folder: folders.compose, agent };
    // A change waits for whole services. What nobody can connect to is mended before; what reads its certificate at
    // its start alone comes after, when some of it has been started anew.
    const expired = await timed("expired", () => findExpiredReaders(look));
    await timed("mend", () => restartFor(rollout, expired, restartExpired));
    await timed("change", () => changeContainers(rollout, difference));
    const late = await findLateReaders(look);
    await timed("renew", () => restartFor(rollout, late, restartReaders));
    restarted = [...expired, ...late].map(({ instance }) => instance.name);
    await Promise.all([
      timed("healthy", () => becomeHealthy(input, plan)),
      timed("converge", () => becomeConverged(input, agent)),
    ]);
  } finally {
    await agent.close();
  }
  await writeApplied(folders, plan);
  const unchanged = isEmpty(difference) && restarted.length === 0;
  return {
    mall: mall.site.name,
    unchanged,
    difference,
    restarted,
    phases,
    images,
    outdated: [...ready.values()].filter((image) => image.outdated).map((image) => image.name),
    authority: secrets.state?.phase ?? "stable",
  };
}

async function buildImages(input: UpInput, plan: MallPlan): Promise<ReadonlyMap<string, ReadyImage>> {
  const { images, mirrors } = input.mall.site;
  return ensureImages(input.engine, imagesOf(plan), {
    root: input.root,
    folder: mallFolders(input.stateHome, plan.mall).root,
    images,
    mirrors,
    progress: input.progress,
    signal: input.signal,
  });
}

async function makeSecrets(input: UpInput, plan: MallPlan): Promise<SecretSnapshot> {
  const backend = fileBackend(secretsFolder(plan.mall, input.stateHome));
  return input.progress.task(text("Make keys and passwords", "生成密钥与密码"), async (note) => {
    const { changes, snapshot } = await ensureSecrets(plan, backend);
    note(`${changes.length}`);
    return snapshot;
  });
}

async function refuseTakenPorts(mall: Mall, plan: MallPlan, difference: Difference): Promise<void> {
  const starting = [...difference.missing, ...difference.stopped];
  const taken = await takenPorts(plan, mall.site.bind, starting);
  if (taken.length > 0) throw composeError.PORTS_IN_USE({ bind: mall.site.bind, ports: taken });
}

async function startContainers(input: UpInput, folders: MallFolders, difference: Difference): Promise<void> {
  const instances = [...difference.missing, ...difference.stopped];
  if (instances.length === 0) return;
  await input.progress.task(text("Start the containers", "启动容器"), async (note) => {
    note(`${instances.length}`);
    await composeUp(input.engine, input.mall.site.name, folders.compose, instances, { signal: input.signal });
  });
}

/** Containers of services that mall.yaml no longer has; their volumes stay. */
async function removeSurplus(input: UpInput, difference: Difference): Promise<void> {
  if (difference.surplus.length === 0 || input.keepSurplus) return;
  await input.progress.task(text("Remove what is left out now", "移除已停用的服务"), async (note) => {
    note(difference.surplus.join(", "));
    const names = difference.surplus.map((instance) => containerName(input.mall.site.name, instance));
    await input.engine.docker(["stop", ...names], { signal: input.signal });
    await input.engine.docker(["rm", ...names], { signal: input.signal });
  });
}

/**
 * The agent's own containers first: it then carries the new plan through the other services' changes. Those
 * follow in the reverse of the plan's order, so that what others need is touched last.
 */
async function changeContainers(rollout: Rollout, difference: Difference): Promise<void> {
  const { mall, plan, progress } = rollout;
  for (const service of [...servicesOf(mall)].reverse()) {
    const own = new Set(
      instancesOn(plan, "compose")
        .filter((found) => found.service === service.name)
        .map((found) => found.instance.name),
    );
    const changes = difference.changes.filter(
      (change) => own.has(change.instance) && change.apply !== "live",
    );
    if (changes.length === 0) continue;
    const title = text(`Change ${service.title.en}`, `变更 ${service.title.zh}`);
    await progress.task(title, (note) => rolloutService({ ...rollout, note }, service, changes));
  }
}

async function restartFor(
  rollout: Rollout,
  late: readonly Located[],
  work: (context: RolloutContext, late: readonly Located[]) => Promise<void>,
): Promise<void> {
  if (late.length === 0) return;
  const title = text("Restart servers for their new certificates", "重启服务器以换用新证书");
  await rollout.progress.task(title, (note) => work({ ...rollout, note }, late));
}

async function becomeHealthy(input: UpInput, plan: MallPlan): Promise<void> {
  const instances = instancesOn(plan, "compose").map((found) => found.instance.name);
  await input.progress.task(text("Wait for healthy servers", "等待服务健康"), (note) =>
    waitHealthy(input.engine, input.mall.site.name, instances, {
      timeoutMs: healthTimeoutMs,
      signal: input.signal,
      onProgress: (healthy, total) => note(`${healthy}/${total}`),
    }),
  );
}

async function becomeConverged(input: UpInput, agent: AgentClient): Promise<void> {
  await input.progress.task(text("Form and check the clusters", "组建并核对集群"), (note) =>
    waitConverged(agent, input.mall, { timeoutMs: convergeTimeoutMs, signal: input.signal, note }),
  );
}
