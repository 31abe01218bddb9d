/** Live streaming: RTMP in, HLS out over HTTPS and HTTP/3, and the application that says who may. */
import { text } from "../../text.ts";
import type { EventLog } from "../event-log.ts";
import { defineService } from "../service.ts";
import { liveChecks } from "./checks/index.ts";
import { database, eventPartitions, serviceName, stores, workloadNames } from "./names.ts";
import { observeLive } from "./observe.ts";
import { planLive } from "./plan.ts";
import { rolloutLive } from "./rollout.ts";
import { liveRules } from "./rules.ts";
import { type LiveSpec, liveProfiles, liveSpec } from "./spec.ts";
import type { LiveState } from "./state.ts";
import { summary } from "./summary.ts";

/** @param log where its events are told, for its checks to read them back */
export const live = (log: EventLog) =>
  defineService<LiveSpec, LiveState, never>({
    name: serviceName,
    title: text("Live streaming", "直播"),
    spec: liveSpec,
    profiles: liveProfiles,
    failsOverItself: true,
    needs: ["mysql"],
    asks: {
      mysql: { accounts: { [database.account]: { databases: [database.name] } } },
      kafka: {
        topics: { [stores.kafka.topic]: { partitions: eventPartitions } },
        accounts: { [stores.kafka.user]: { writes: [stores.kafka.topic] } },
      },
      redis: { accounts: { [stores.redis.user]: { prefixes: [stores.redis.prefix] } } },
      elasticsearch: {
        applications: { [stores.elasticsearch.user]: { indices: [`${stores.elasticsearch.index}*`] } },
      },
      minio: {
        buckets: { [stores.minio.bucket]: {} },
        accounts: { [stores.minio.user]: { writes: [stores.minio.bucket] } },
      },
    },
    images: Object.values(workloadNames),
    ruleIds: ["LV-MEMORY", "LV-MEDIA-ADDRESS"],
    rules: liveRules,
    plan: planLive,
    observe: observeLive,
    // Nothing of it is made by the agent: it waits for instances that come up by themselves.
    decide: () => [],
    act: async () => {
      throw new Error("live streaming has no action");
    },
    summary: (_spec, state) => summary(state),
    checks: liveChecks(log),
    rollout: (_spec, _state, changes) => rolloutLive(changes),
  });
