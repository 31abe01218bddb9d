/** MySQL: one primary and two replicas, kept together by the agent. */
import { text } from "../../text.ts";
import { defineService } from "../service.ts";
import { act } from "./act.ts";
import type { Action } from "./action.ts";
import { mysqlChecks } from "./checks/index.ts";
import { mysqlConnect } from "./connect.ts";
import { decide, rolesOf } from "./decide.ts";
import { workloadName } from "./names.ts";
import { observe } from "./observe.ts";
import { plaintextProbe } from "./plaintext.ts";
import { mysqlPlan } from "./plan.ts";
import { mysqlRollout } from "./rollout.ts";
import { mysqlRules, queryCacheRemoved, ruleIds } from "./rules.ts";
import { type MysqlSpec, mysqlProfiles, mysqlSpec } from "./spec.ts";
import type { State } from "./state.ts";
import { mysqlSummary } from "./summary.ts";

export const mysql = defineService<MysqlSpec, State, Action>({
  name: "mysql",
  title: text("MySQL", "MySQL"),
  spec: mysqlSpec,
  profiles: mysqlProfiles,
  needs: [],
  removed: { "query_cache_*": queryCacheRemoved, "queryCache*": queryCacheRemoved },
  images: [workloadName],
  ruleIds,
  rules: mysqlRules,
  plan: mysqlPlan,
  observe,
  decide,
  act,
  roles: rolesOf,
  unseen: (_spec, state) => state.nodes.filter((node) => !node.reachable).map((node) => node.name),
  summary: mysqlSummary,
  checks: mysqlChecks,
  plaintextProbe,
  rollout: (_spec, state, changes) => mysqlRollout(state, changes),
  connect: mysqlConnect,
});
