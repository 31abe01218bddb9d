/** Every folder's errors. A test holds this list against docs/errors.md and the source tree, both ways. */
import { agentError } from "./agent/errors.ts";
import { cliError } from "./cli/errors.ts";
import { liveError } from "./cli/live/errors.ts";
import { engineError } from "./engine/errors.ts";
import { imageError } from "./engine/images/errors.ts";
import type { ErrorCatalogue } from "./errors.ts";
import { ruleError } from "./rules/errors.ts";
import { secretError } from "./secrets/errors.ts";
import { elasticsearchError } from "./services/elasticsearch/errors.ts";
import { kafkaError } from "./services/kafka/errors.ts";
import { minioError } from "./services/minio/errors.ts";
import { mysqlError } from "./services/mysql/errors.ts";
import { redisError } from "./services/redis/errors.ts";
import { zookeeperError } from "./services/zookeeper/errors.ts";
import { specError } from "./spec/errors.ts";
import { stateError } from "./state-errors.ts";
import { composeError } from "./targets/compose/errors.ts";
import { testError } from "./test-runner/errors.ts";
import { verifyError } from "./verify/errors.ts";

export interface Catalogue {
  readonly scope: string;
  readonly catalogue: ErrorCatalogue;
}

export const catalogues: readonly Catalogue[] = [
  agentError,
  cliError,
  composeError,
  elasticsearchError,
  engineError,
  imageError,
  kafkaError,
  liveError,
  minioError,
  mysqlError,
  redisError,
  ruleError,
  secretError,
  specError,
  stateError,
  testError,
  verifyError,
  zookeeperError,
];
