/** ZooKeeper: the quorum in which the brokers keep who leads what, their users and permissions. */
import { text } from "../../text.ts";
import { type ActionBase, defineService } from "../service.ts";
import { zookeeperChecks } from "./checks.ts";
import { decide, summary } from "./decide.ts";
import { zookeeperError } from "./errors.ts";
import { serviceName } from "./names.ts";
import { observeZookeeper } from "./observe.ts";
import { planZookeeper } from "./plan.ts";
import { rolloutZookeeper } from "./rollout.ts";
import { zookeeperRuleIds, zookeeperRules } from "./rules.ts";
import { type ZookeeperSpec, zookeeperProfiles, zookeeperSpec } from "./spec.ts";
import type { ZookeeperState } from "./state.ts";

export const zookeeper = defineService<ZookeeperSpec, ZookeeperState, ActionBase>({
  name: serviceName,
  title: text("ZooKeeper", "ZooKeeper"),
  spec: zookeeperSpec,
  profiles: zookeeperProfiles,
  failsOverItself: true,
  needs: [],
  images: ["zookeeper"],
  ruleIds: zookeeperRuleIds,
  rules: zookeeperRules,
  plan: planZookeeper,
  observe: observeZookeeper,
  decide,
  async act(_ctx, action) {
    throw zookeeperError.ZOOKEEPER_NOTHING_TO_DO({ action: action.kind });
  },
  summary,
  checks: zookeeperChecks,
  rollout: rolloutZookeeper,
});
