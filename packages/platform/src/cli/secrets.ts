/** What the verbs of certificates and secrets share: the store of the mall, without an engine. */
import type { MallPlan } from "../plan/model.ts";
import type { SecretBackend } from "../secrets/backend.ts";
import { openStore, readStore, type SecretSnapshot } from "../secrets/store.ts";
import { wantedSecrets } from "../secrets/wanted.ts";
import { loadMallFile } from "../services/mall-schema.ts";
import { planMall } from "../services/plan-mall.ts";
import type { Mall } from "../spec/mall.ts";
import { stateHome } from "../state.ts";
import type { Asking } from "./mall.ts";

export interface OpenSecrets {
  readonly mall: Mall;
  readonly plan: MallPlan;
  readonly backend: SecretBackend;
  /** Reads what the plan wants; makes nothing. */
  read(): Promise<SecretSnapshot>;
}

/** @throws SPEC_* */
export async function openSecrets(asking: Pick<Asking, "file">): Promise<OpenSecrets> {
  const { mall } = await loadMallFile(asking.file);
  const plan = planMall(mall);
  const backend = openStore(stateHome(), plan.mall);
  return { mall, plan, backend, read: () => readStore(backend, wantedSecrets(plan)) };
}
