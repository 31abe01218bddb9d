/** Topics as other services' checks read them back, and what an account may do with them. */
import type { InstanceName } from "../../plan/model.ts";
import type { Ends, EventLog, LoggedEvent } from "../event-log.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";
import { instancesOf, wayIn, withBroker } from "./client.ts";
import { brokerIdOf, secretId, serviceName } from "./names.ts";
import { fetchOf, type Reading, recordsFrom } from "./partition.ts";
import { type BrokerConnection, openBroker } from "./protocol/connection.ts";
import { fetchRecords, listOffsets, metadata, produce } from "./protocol/data-apis.ts";
import { errorName, requireNone } from "./protocol/errors.ts";
import { encodeBatch } from "./protocol/records.ts";

/** The asking service's context, as this service's own. @throws when the mall has none */
function owned(ctx: Ctx): Ctx {
  const own = ctx.plan.services.find(({ service }) => service === serviceName);
  if (own === undefined) throw new Error(`the mall has no ${serviceName}`);
  return { ...ctx, own };
}

export const eventLog: EventLog = {
  async ends(asking, topic) {
    const ctx = owned(asking);
    const found = await fromLeaders(ctx, topic, async (broker, partitions) => {
      const { topics } = await broker.call(listOffsets, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: topic, partitions: partitions.map((index) => ({ index, timestamp: -1n })) }],
      });
      return topics
        .flatMap((one) => one.partitions)
        .map((partition) => {
          requireNone(`the end of ${topic}-${partition.index}`, partition);
          return [partition.index, partition.offset] as const;
        });
    });
    return new Map(found);
  },
  async since(asking, topic, ends) {
    const ctx = owned(asking);
    return fromLeaders(ctx, topic, async (broker, partitions) => {
      const events: LoggedEvent[] = [];
      for (const partition of partitions) events.push(...(await readOn(broker, topic, partition, ends)));
      return events;
    });
  },
  async attempt(asking, account, what, topic) {
    const ctx = owned(asking);
    const [broker] = instancesOf(ctx);
    if (broker === undefined) throw new Error("there is no broker");
    const [{ ca }, password] = await Promise.all([
      ctx.secrets.identity(),
      ctx.secrets.value(secretId(account)),
    ]);
    const connection = await openBroker(wayIn(ctx, broker), {
      identity: { ca },
      login: { user: account, password },
      signal: ctx.signal,
      timeoutMs: patiently(ctx, 5_000),
    });
    try {
      // Whether one may is judged before who leads the partition, or whether there is one.
      return errorName(await (what === "read" ? read(connection, topic) : write(connection, topic)));
    } finally {
      connection.close();
    }
  },
};

/** Of each leader, about the partitions that it leads. */
async function fromLeaders<T>(
  ctx: Ctx,
  topic: string,
  ask: (broker: BrokerConnection, partitions: readonly number[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const [any] = instancesOf(ctx);
  if (any === undefined) throw new Error("there is no broker");
  const seen = await withBroker(ctx, any, (broker) =>
    broker.call(metadata, {
      topics: [{ name: topic }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    }),
  );
  const [described] = seen.topics;
  if (described === undefined) throw new Error(`nothing is said of ${topic}`);
  requireNone(topic, described);
  const led = new Map<InstanceName, number[]>();
  for (const { index, leader } of described.partitions) {
    const instance = instancesOf(ctx).find((one) => brokerIdOf(one) === leader);
    if (instance === undefined) throw new Error(`nobody leads ${topic}-${index}`);
    led.set(instance, [...(led.get(instance) ?? []), index]);
  }
  const answers = await Promise.all(
    [...led].map(([instance, partitions]) => withBroker(ctx, instance, (broker) => ask(broker, partitions))),
  );
  return answers.flat();
}

const reading: Reading = { maxBytes: 8 * 2 ** 20, maxWaitMs: 0 };

async function readOn(
  broker: BrokerConnection,
  topic: string,
  partition: number,
  ends: Ends,
): Promise<readonly LoggedEvent[]> {
  const records = await recordsFrom(broker, topic, partition, ends.get(partition) ?? 0n, reading);
  return records.map(({ key, value }) => ({ partition, key: key?.toString() ?? "", text: value.toString() }));
}

async function read(broker: BrokerConnection, topic: string): Promise<number> {
  const { topics } = await broker.call(fetchRecords, fetchOf(topic, 0, 0n, reading));
  return topics[0]?.partitions[0]?.errorCode ?? -1;
}

async function write(broker: BrokerConnection, topic: string): Promise<number> {
  const records = encodeBatch([Buffer.from("tried by a check")], Date.now());
  const { topics } = await broker.call(produce, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1_000,
    topics: [{ name: topic, partitions: [{ index: 0, records }] }],
  });
  return topics[0]?.partitions[0]?.errorCode ?? -1;
}
