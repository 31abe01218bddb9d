/**
 * Plan → a Helm chart: one StatefulSet for each workload, its configuration as files of the chart. Pure; the
 * same plan gives the same bytes, and the configuration files are those of the Compose folder.
 */
import { fileContent } from "../../plan/config-file.ts";
import type { MallPlan, Workload } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";
import { chartFiles } from "./chart.ts";
import { isAgentLike } from "./names.ts";
import {
  agentRole,
  commonClaims,
  configMap,
  disruptionBudget,
  headlessService,
  networkPolicy,
  routeService,
  serviceAccount,
  statefulSet,
} from "./objects.ts";
import { template } from "./yaml.ts";

export interface HelmInput {
  readonly plan: MallPlan;
  /** Chart version, SemVer; the platform's own. */
  readonly version: string;
  /** Image references by image name, the values' defaults. */
  readonly images: Readonly<Record<string, string>>;
}

export function renderHelm(input: HelmInput): ReadonlyMap<string, string> {
  const { plan } = input;
  const files = new Map<string, string>(chartFiles(input));
  for (const workload of helmWorkloads(plan)) {
    for (const instance of workload.instances) {
      for (const file of instance.files) {
        files.set(`files/config/${instance.name}/${file.path}`, fileContent(file));
      }
    }
    files.set(
      `templates/${workload.name}.yaml`,
      template(
        serviceAccount(plan.mall, workload),
        configMap(plan.mall, workload),
        headlessService(plan.mall, workload),
        ...commonClaims(plan, workload),
        statefulSet(plan, workload),
        ...disruptionBudget(plan.mall, workload),
        networkPolicy(plan, workload),
        ...(isAgentLike(workload) ? agentRole(plan.mall, workload) : []),
      ),
    );
  }
  for (const service of plan.services) {
    for (const route of service.routes) {
      files.set(`templates/route-${route.name}.yaml`, template(routeService(plan, service, route)));
    }
  }
  return files;
}

/** Workloads that Kubernetes runs, in the plan's order. */
export const helmWorkloads = (plan: MallPlan): readonly Workload[] => [
  ...new Set(instancesOn(plan, "kubernetes").map((found) => found.workload)),
];
