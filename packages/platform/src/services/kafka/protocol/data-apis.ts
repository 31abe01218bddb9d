/**
 * Requests about records, logging in and who leads what, each in one version that every broker from 2.7 to 3.9 speaks
 * (kafka.apache.org/protocol, "API keys"): the newest without tagged fields, where there is one.
 */
import { api, failure, throttle } from "./api.ts";
import {
  array,
  bool,
  bytes,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableBytes,
  nullableString,
  string,
  struct,
} from "./codec.ts";

export const produce = api(
  "Produce",
  0,
  7,
  struct({
    transactionalId: nullableString,
    acks: int16,
    timeoutMs: int32,
    topics: array(
      struct({ name: string, partitions: array(struct({ index: int32, records: nullableBytes })) }),
    ),
  }),
  struct({
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            index: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: int64,
            logStartOffset: int64,
          }),
        ),
      }),
    ),
    ...throttle,
  }),
);

export const fetchRecords = api(
  "Fetch",
  1,
  4,
  struct({
    replicaId: int32,
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32,
    isolationLevel: int8,
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ index: int32, fetchOffset: int64, maxBytes: int32 })),
      }),
    ),
  }),
  struct({
    ...throttle,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            index: int32,
            errorCode: int16,
            highWatermark: int64,
            lastStableOffset: int64,
            abortedTransactions: nullableArray(struct({ producerId: int64, firstOffset: int64 })),
            records: nullableBytes,
          }),
        ),
      }),
    ),
  }),
);

/** `timestamp` -1: where the partition ends. */
export const listOffsets = api(
  "ListOffsets",
  2,
  2,
  struct({
    replicaId: int32,
    isolationLevel: int8,
    topics: array(struct({ name: string, partitions: array(struct({ index: int32, timestamp: int64 })) })),
  }),
  struct({
    ...throttle,
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ index: int32, errorCode: int16, timestamp: int64, offset: int64 })),
      }),
    ),
  }),
);

export const metadata = api(
  "Metadata",
  3,
  8,
  struct({
    topics: nullableArray(struct({ name: string })),
    allowAutoTopicCreation: bool,
    includeClusterAuthorizedOperations: bool,
    includeTopicAuthorizedOperations: bool,
  }),
  struct({
    ...throttle,
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: nullableString })),
    clusterId: nullableString,
    controllerId: int32,
    topics: array(
      struct({
        errorCode: int16,
        name: string,
        isInternal: bool,
        partitions: array(
          struct({
            errorCode: int16,
            index: int32,
            leader: int32,
            leaderEpoch: int32,
            replicas: array(int32),
            inSync: array(int32),
            offline: array(int32),
          }),
        ),
        authorizedOperations: int32,
      }),
    ),
    clusterAuthorizedOperations: int32,
  }),
);

export const findCoordinator = api(
  "FindCoordinator",
  10,
  1,
  struct({ key: string, keyType: int8 }),
  struct({ ...throttle, ...failure, nodeId: int32, host: string, port: int32 }),
);

export const saslHandshake = api(
  "SaslHandshake",
  17,
  1,
  struct({ mechanism: string }),
  struct({ errorCode: int16, mechanisms: array(string) }),
);

export const saslAuthenticate = api(
  "SaslAuthenticate",
  36,
  1,
  struct({ authBytes: bytes }),
  struct({ ...failure, authBytes: bytes, sessionLifetimeMs: int64 }),
);
