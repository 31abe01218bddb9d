/**
 * Requests that administer: topics, settings, permissions, users, leaders, each in one version that every broker from 2.7 to 3.9 speaks
 * (kafka.apache.org/protocol, "API keys"): the newest without tagged fields, where there is one.
 */
import { api, failure, flexibleApi, throttle } from "./api.ts";
import {
  array,
  bool,
  compactArray,
  compactBytes,
  compactNullableArray,
  compactNullableString,
  compactString,
  flexible,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  string,
  struct,
} from "./codec.ts";

export const createTopics = api(
  "CreateTopics",
  19,
  4,
  struct({
    topics: array(
      struct({
        name: string,
        partitions: int32,
        replicationFactor: int16,
        assignments: array(struct({ partition: int32, brokers: array(int32) })),
        configs: array(struct({ name: string, value: nullableString })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: bool,
  }),
  struct({ ...throttle, topics: array(struct({ name: string, ...failure })) }),
);

export const deleteTopics = api(
  "DeleteTopics",
  20,
  3,
  struct({ names: array(string), timeoutMs: int32 }),
  struct({ ...throttle, topics: array(struct({ name: string, errorCode: int16 })) }),
);

export const createPartitions = api(
  "CreatePartitions",
  37,
  1,
  struct({
    topics: array(
      struct({
        name: string,
        count: int32,
        assignments: nullableArray(struct({ brokers: array(int32) })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: bool,
  }),
  struct({ ...throttle, topics: array(struct({ name: string, ...failure })) }),
);

const aclBinding = {
  resourceType: int8,
  resourceName: string,
  patternType: int8,
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
};
const aclFilter = struct({
  resourceType: int8,
  resourceName: nullableString,
  patternType: int8,
  principal: nullableString,
  host: nullableString,
  operation: int8,
  permissionType: int8,
});

export const describeAcls = api(
  "DescribeAcls",
  29,
  1,
  aclFilter,
  struct({
    ...throttle,
    ...failure,
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        patternType: int8,
        acls: array(struct({ principal: string, host: string, operation: int8, permissionType: int8 })),
      }),
    ),
  }),
);

export const createAcls = api(
  "CreateAcls",
  30,
  1,
  struct({ acls: array(struct(aclBinding)) }),
  struct({ ...throttle, results: array(struct(failure)) }),
);

export const deleteAcls = api(
  "DeleteAcls",
  31,
  1,
  struct({ filters: array(aclFilter) }),
  struct({
    ...throttle,
    results: array(struct({ ...failure, matching: array(struct({ ...failure, ...aclBinding })) })),
  }),
);

export const describeConfigs = api(
  "DescribeConfigs",
  32,
  3,
  struct({
    resources: array(struct({ resourceType: int8, resourceName: string, keys: nullableArray(string) })),
    includeSynonyms: bool,
    includeDocumentation: bool,
  }),
  struct({
    ...throttle,
    results: array(
      struct({
        ...failure,
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            value: nullableString,
            readOnly: bool,
            source: int8,
            isSensitive: bool,
            synonyms: array(struct({ name: string, value: nullableString, source: int8 })),
            type: int8,
            documentation: nullableString,
          }),
        ),
      }),
    ),
  }),
);

export const incrementalAlterConfigs = api(
  "IncrementalAlterConfigs",
  44,
  0,
  struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(struct({ name: string, operation: int8, value: nullableString })),
      }),
    ),
    validateOnly: bool,
  }),
  struct({
    ...throttle,
    results: array(struct({ ...failure, resourceType: int8, resourceName: string })),
  }),
);

export const electLeaders = api(
  "ElectLeaders",
  43,
  1,
  struct({
    electionType: int8,
    topics: nullableArray(struct({ name: string, partitions: array(int32) })),
    timeoutMs: int32,
  }),
  struct({
    ...throttle,
    errorCode: int16,
    topics: array(struct({ name: string, partitions: array(struct({ index: int32, ...failure })) })),
  }),
);

const flexibleFailure = { errorCode: int16, errorMessage: compactNullableString };

export const alterPartitionReassignments = flexibleApi(
  "AlterPartitionReassignments",
  45,
  0,
  flexible({
    timeoutMs: int32,
    topics: compactArray(
      flexible({
        name: compactString,
        partitions: compactArray(flexible({ index: int32, replicas: compactNullableArray(int32) })),
      }),
    ),
  }),
  flexible({
    ...throttle,
    ...flexibleFailure,
    topics: compactArray(
      flexible({
        name: compactString,
        partitions: compactArray(flexible({ index: int32, ...flexibleFailure })),
      }),
    ),
  }),
);

export const describeScramUsers = flexibleApi(
  "DescribeUserScramCredentials",
  50,
  0,
  flexible({ users: compactNullableArray(flexible({ name: compactString })) }),
  flexible({
    ...throttle,
    ...flexibleFailure,
    users: compactArray(
      flexible({
        name: compactString,
        ...flexibleFailure,
        credentials: compactArray(flexible({ mechanism: int8, iterations: int32 })),
      }),
    ),
  }),
);

export const alterScramUsers = flexibleApi(
  "AlterUserScramCredentials",
  51,
  0,
  flexible({
    deletions: compactArray(flexible({ name: compactString, mechanism: int8 })),
    upsertions: compactArray(
      flexible({
        name: compactString,
        mechanism: int8,
        iterations: int32,
        salt: compactBytes,
        saltedPassword: compactBytes,
      }),
    ),
  }),
  flexible({ ...throttle, users: compactArray(flexible({ name: compactString, ...flexibleFailure })) }),
);

/** `CONFIG_RESOURCE`, `ACL_*` and the like, by the protocol's numbers. */
export const configResource = { topic: 2, broker: 4 } as const;
export const configSource = { topic: 1, broker: 2, clusterDefault: 3, file: 4, default: 5 } as const;
export const alterOperation = { set: 0, delete: 1 } as const;
export const scramSha512 = 2;
