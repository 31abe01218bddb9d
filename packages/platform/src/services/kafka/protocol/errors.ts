/** The protocol's error codes that are told apart here or that a person may meet; others keep their number. */
const names: Readonly<Record<number, string>> = {
  0: "NONE",
  1: "OFFSET_OUT_OF_RANGE",
  3: "UNKNOWN_TOPIC_OR_PARTITION",
  5: "LEADER_NOT_AVAILABLE",
  6: "NOT_LEADER_OR_FOLLOWER",
  7: "REQUEST_TIMED_OUT",
  8: "BROKER_NOT_AVAILABLE",
  9: "REPLICA_NOT_AVAILABLE",
  10: "MESSAGE_TOO_LARGE",
  15: "COORDINATOR_NOT_AVAILABLE",
  16: "NOT_COORDINATOR",
  17: "INVALID_TOPIC_EXCEPTION",
  18: "RECORD_LIST_TOO_LARGE",
  19: "NOT_ENOUGH_REPLICAS",
  20: "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  29: "TOPIC_AUTHORIZATION_FAILED",
  30: "GROUP_AUTHORIZATION_FAILED",
  31: "CLUSTER_AUTHORIZATION_FAILED",
  33: "UNSUPPORTED_SASL_MECHANISM",
  34: "ILLEGAL_SASL_STATE",
  35: "UNSUPPORTED_VERSION",
  36: "TOPIC_ALREADY_EXISTS",
  37: "INVALID_PARTITIONS",
  38: "INVALID_REPLICATION_FACTOR",
  39: "INVALID_REPLICA_ASSIGNMENT",
  40: "INVALID_CONFIG",
  41: "NOT_CONTROLLER",
  42: "INVALID_REQUEST",
  44: "POLICY_VIOLATION",
  54: "SECURITY_DISABLED",
  58: "SASL_AUTHENTICATION_FAILED",
  60: "REASSIGNMENT_IN_PROGRESS",
  80: "PREFERRED_LEADER_NOT_AVAILABLE",
  84: "ELECTION_NOT_NEEDED",
  91: "RESOURCE_NOT_FOUND",
  92: "DUPLICATE_RESOURCE",
  93: "UNACCEPTABLE_CREDENTIAL",
};

export const errorName = (code: number): string => names[code] ?? `error ${code}`;

export interface Failure {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

/** The server's refusal, by its own name and words. */
export class KafkaRefusal extends Error {
  override readonly name = "KafkaRefusal";
  constructor(
    readonly refusal: string,
    detail: string,
  ) {
    super(`${refusal}${detail === "" ? "" : `: ${detail}`}`);
  }
}

/** @throws KafkaRefusal unless it succeeded, or failed by one of `except`. */
export function requireNone(what: string, failure: Failure, ...except: readonly string[]): void {
  const name = errorName(failure.errorCode);
  if (failure.errorCode === 0 || except.includes(name)) return;
  throw new KafkaRefusal(name, `${what}${failure.errorMessage ? `: ${failure.errorMessage}` : ""}`);
}
