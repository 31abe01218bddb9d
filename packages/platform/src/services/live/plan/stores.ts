/** Where the mall's other stores are, for the programs of live streaming, with their secrets. Pure. */
import type { SecretFile, ServicePlan } from "../../../plan/model.ts";
import { instanceAddress, routeAddress } from "../../../plan/names.ts";
import { secrets, stores } from "../names.ts";
import { generated } from "./common.ts";

interface Server {
  readonly host: string;
  readonly port: number;
  /** Name that the server's certificate is verified against. */
  readonly serverName: string;
}

/** Sections of a configuration file; one of a service that the mall leaves out is absent. */
export interface Stores {
  readonly sections: Readonly<Record<string, object>>;
  readonly secrets: readonly SecretFile[];
}

/** For the application. */
export const storesOf = (others: readonly ServicePlan[]): Stores =>
  together([kafka(others), redis(others), elasticsearch(others), minio(others)]);

/** For the ingests, which upload. */
export const objectStoreOf = (others: readonly ServicePlan[]): Stores => together([minio(others)]);

const together = (found: readonly (Stores | undefined)[]): Stores => ({
  sections: Object.assign({}, ...found.map((one) => one?.sections)),
  secrets: found.flatMap((one) => one?.secrets ?? []),
});

function kafka(others: readonly ServicePlan[]): Stores | undefined {
  const { service, port, user, topic } = stores.kafka;
  const brokers = serversOf(others, service, port);
  if (brokers.length === 0) return undefined;
  return { sections: { kafka: { brokers, user, topic } }, secrets: [generated(secrets.kafka)] };
}

function redis(others: readonly ServicePlan[]): Stores | undefined {
  const { service, port, serverName, user, prefix } = stores.redis;
  // A node that is told of by another has an address and no name: one name serves for all.
  const nodes = serversOf(others, service, port).map((node) => ({ ...node, serverName }));
  if (nodes.length === 0) return undefined;
  return { sections: { redis: { nodes, user, prefix } }, secrets: [generated(secrets.redis)] };
}

function elasticsearch(others: readonly ServicePlan[]): Stores | undefined {
  const { service, port, user, index } = stores.elasticsearch;
  const nodes = serversOf(others, service, port);
  if (nodes.length === 0) return undefined;
  return {
    sections: { elasticsearch: { nodes, user, index } },
    secrets: [generated(secrets.elasticsearch)],
  };
}

function minio(others: readonly ServicePlan[]): Stores | undefined {
  const { service, route: name, user, bucket } = stores.minio;
  const route = planOf(others, service)?.routes.find((one) => one.name === name);
  if (route === undefined) return undefined;
  const server: Server = { host: routeAddress(name), port: route.port, serverName: name };
  return { sections: { minio: { ...server, bucket, user } }, secrets: [generated(secrets.minio)] };
}

const planOf = (others: readonly ServicePlan[], service: string): ServicePlan | undefined =>
  others.find((one) => one.service === service);

/** Every instance's port of that name. */
const serversOf = (others: readonly ServicePlan[], service: string, portName: string): readonly Server[] =>
  (planOf(others, service)?.workloads ?? []).flatMap(({ name, instances, ports }) =>
    ports
      .filter((port) => port.name === portName)
      .flatMap((port) =>
        instances.map((instance) => {
          const host = instanceAddress(name, instance.name);
          return { host, port: port.number, serverName: host };
        }),
      ),
  );
