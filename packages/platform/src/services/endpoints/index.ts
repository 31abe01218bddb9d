/** Stable addresses for changing sets of servers: HAProxy, told by the agent who holds which role. */
import { text } from "../../text.ts";
import { defineService } from "../service.ts";
import { actEndpoints } from "./act.ts";
import { endpointsChecks } from "./checks.ts";
import { decideEndpoints, type EndpointsAction } from "./decide.ts";
import { workloadName } from "./names.ts";
import { planEndpoints } from "./plan.ts";
import { endpointsRules } from "./rules.ts";
import { type EndpointsSpec, endpointsSpec } from "./spec.ts";
import { type EndpointsState, observeEndpoints } from "./state.ts";
import { summary } from "./summary.ts";

export const endpoints = defineService<EndpointsSpec, EndpointsState, EndpointsAction>({
  name: "endpoints",
  title: text("Endpoints", "端点"),
  spec: endpointsSpec,
  profiles: {
    small: {},
    standard: { memory: "192Mi", cpus: 1, maxConnections: 4_000 },
    production: { memory: "512Mi", cpus: 2, maxConnections: 12_000 },
  },
  infrastructure: true,
  needs: [],
  images: [workloadName],
  ruleIds: ["EP-MEMORY"],
  rules: endpointsRules,
  plan: planEndpoints,
  observe: observeEndpoints,
  decide: (_spec, state) => decideEndpoints(state),
  act: actEndpoints,
  summary: (_spec, state) => summary(state),
  checks: endpointsChecks,
  rollout: (_spec, _state, changes) =>
    changes.flatMap((change) =>
      change.apply === "live"
        ? []
        : [
            {
              instance: change.instance,
              // HAProxy's own reload keeps the former process for its connections, out of the agent's reach: a
              // demoted server would keep its sessions there.
              action: change.apply === "recreate" ? ("recreate" as const) : ("restart" as const),
              why: change.what.join(", "),
              until: "converged" as const,
            },
          ],
    ),
});
