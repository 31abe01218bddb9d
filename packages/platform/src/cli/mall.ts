/** What most verbs begin with: the loaded mall, its plan, its engine, and where this machine keeps it. */
import type { Engine } from "../engine/engine.ts";
import { engineError } from "../engine/errors.ts";
import { ensureEngine, findEngine } from "../engine/find.ts";
import { imagesOf } from "../engine/images/list.ts";
import { readRecords } from "../engine/images/record.ts";
import type { MallPlan } from "../plan/model.ts";
import { fileBackend, secretsFolder } from "../secrets/backend.ts";
import { readStore, type SecretSnapshot } from "../secrets/store.ts";
import { wantedSecrets } from "../secrets/wanted.ts";
import { loadMallFile } from "../services/mall-schema.ts";
import { narrowTo } from "../services/narrow.ts";
import { planMall } from "../services/plan-mall.ts";
import type { LoadedMall } from "../spec/load.ts";
import type { Mall } from "../spec/mall.ts";
import { stateHome } from "../state.ts";
import { containersOf } from "../targets/compose/containers.ts";
import { type MallFolders, mallFolders } from "../targets/compose/state.ts";
import { heedRules } from "./checked-mall.ts";
import type { Output } from "./output.ts";

/** The part of a verb's context that this needs; every verb's fits. */
export interface Asking {
  readonly file: string | undefined;
  readonly out: Output;
  readonly signal: AbortSignal;
}

export interface OpenMall {
  readonly mall: Mall;
  readonly loaded: LoadedMall;
  readonly plan: MallPlan;
  readonly engine: Engine;
  readonly stateHome: string;
  readonly folders: MallFolders;
}

/**
 * The mall and an engine for it.
 * @param options.start holds the mall to the rules and starts a private engine where none runs: only `up` does
 * @throws SPEC_*, ENGINE_*
 */
export async function openMall(
  asking: Asking,
  options: { readonly start?: boolean; readonly only?: readonly string[] } = {},
): Promise<OpenMall> {
  const loaded = await loadMallFile(asking.file);
  const mall = narrowTo(loaded.mall, options.only ?? []);
  const plan = planMall(mall);
  if (options.start === true) heedRules(loaded, mall, plan, asking.out);
  const engine = options.start === true ? await startEngine(asking, mall) : await runningEngine();
  const home = stateHome();
  return { mall, loaded, plan, engine, stateHome: home, folders: mallFolders(home, mall.site.name) };
}

/**
 * The part of the mall that is there: after `up --only` the rest has no containers, and what is done to the mall as it
 * is (a rotation) is no business of the rest. A mall without containers is opened whole.
 * @throws SPEC_*, ENGINE_*
 */
export async function openPresent(asking: Asking): Promise<OpenMall> {
  const whole = await openMall(asking);
  const containers = await containersOf(whole.engine, whole.plan.mall);
  const present = whole.plan.services
    .filter(({ workloads }) => workloads.some((w) => w.instances.some(({ name }) => containers.has(name))))
    .map(({ service }) => service);
  const mall = narrowTo(whole.mall, present);
  return { ...whole, mall, plan: planMall(mall) };
}

const startEngine = (asking: Asking, mall: Mall): Promise<Engine> =>
  ensureEngine({ progress: asking.out, signal: asking.signal, mirror: mall.site.mirrors.apt });

/** @throws ENGINE_NOT_RUNNING */
export async function runningEngine(): Promise<Engine> {
  const engine = await findEngine();
  if (engine === undefined) throw engineError.ENGINE_NOT_RUNNING({});
  return engine;
}

/** What the store holds for this plan, without making anything. */
export const readSecrets = (plan: MallPlan, home: string): Promise<SecretSnapshot> =>
  readStore(fileBackend(secretsFolder(plan.mall, home)), wantedSecrets(plan));

/** Image references for a rendering: those in use on this machine, else the name that a build would refine. */
export async function imagesToRender(plan: MallPlan): Promise<Readonly<Record<string, string>>> {
  const records = await readRecords(mallFolders(stateHome(), plan.mall).root);
  return Object.fromEntries(
    imagesOf(plan).map((name) => [name, records[name]?.current.tag ?? `mallstack/${name}:latest`]),
  );
}
