/** Kafka: brokers on a ZooKeeper quorum; the agent keeps their settings, users, permissions and declared topics. */
import { text } from "../../text.ts";
import { defineService } from "../service.ts";
import { actKafka } from "./act.ts";
import type { KafkaAction } from "./actions.ts";
import { kafkaChecks } from "./checks/index.ts";
import { connectKafka } from "./connect.ts";
import { decide, summary } from "./decide.ts";
import { serviceName } from "./names.ts";
import { observeKafka } from "./observe.ts";
import { planKafka } from "./plan.ts";
import { rolloutKafka } from "./rollout.ts";
import { kafkaRuleIds, kafkaRules } from "./rules.ts";
import { type KafkaSpec, kafkaProfiles, kafkaSpec } from "./spec.ts";
import type { KafkaState } from "./state.ts";

export const kafka = defineService<KafkaSpec, KafkaState, KafkaAction>({
  name: serviceName,
  title: text("Kafka", "Kafka"),
  spec: kafkaSpec,
  profiles: kafkaProfiles,
  failsOverItself: true,
  needs: ["zookeeper"],
  images: ["kafka"],
  ruleIds: kafkaRuleIds,
  rules: kafkaRules,
  plan: planKafka,
  observe: observeKafka,
  decide,
  act: actKafka,
  summary,
  checks: kafkaChecks,
  rollout: rolloutKafka,
  connect: connectKafka,
});
