/** Elasticsearch: nodes that find each other by themselves, and an agent that keeps users, roles and templates. */
import { text } from "../../text.ts";
import { defineService } from "../service.ts";
import { actElasticsearch } from "./act.ts";
import type { ElasticsearchAction } from "./actions.ts";
import { elasticsearchChecks } from "./checks/index.ts";
import { connectElasticsearch } from "./connect.ts";
import { decide } from "./decide.ts";
import { serviceName, workloadName } from "./names.ts";
import { observeElasticsearch } from "./observe.ts";
import { planElasticsearch } from "./plan.ts";
import { rolloutElasticsearch } from "./rollout.ts";
import { elasticsearchRules, ruleIds } from "./rules.ts";
import { type ElasticsearchSpec, elasticsearchProfiles, elasticsearchSpec } from "./spec.ts";
import type { ElasticsearchState } from "./state.ts";
import { summary } from "./summary.ts";

export const elasticsearch = defineService<ElasticsearchSpec, ElasticsearchState, ElasticsearchAction>({
  name: serviceName,
  title: text("Elasticsearch", "Elasticsearch"),
  spec: elasticsearchSpec,
  profiles: elasticsearchProfiles,
  failsOverItself: true,
  needs: [],
  images: [workloadName],
  ruleIds,
  rules: elasticsearchRules,
  plan: planElasticsearch,
  observe: observeElasticsearch,
  decide,
  act: actElasticsearch,
  summary,
  checks: elasticsearchChecks,
  rollout: rolloutElasticsearch,
  connect: connectElasticsearch,
});
