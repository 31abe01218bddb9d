/** The one place outside of their folders where services are named; the order is the order of their plans. */
import { agent } from "./agent/index.ts";
import { elasticsearch } from "./elasticsearch/index.ts";
import { endpoints } from "./endpoints/index.ts";
import { eventLog } from "./kafka/event-log.ts";
import { kafka } from "./kafka/index.ts";
import { live } from "./live/index.ts";
import { minio } from "./minio/index.ts";
import { mysql } from "./mysql/index.ts";
import { redis } from "./redis/index.ts";
import type { AnyService } from "./service.ts";
import { zookeeper } from "./zookeeper/index.ts";

export const services: readonly AnyService[] = [
  mysql,
  redis,
  zookeeper,
  kafka,
  elasticsearch,
  minio,
  live(eventLog),
  endpoints,
  agent,
];

/** @returns the service, or undefined when there is none of that name. */
export const serviceNamed = (name: string): AnyService | undefined => services.find((s) => s.name === name);
