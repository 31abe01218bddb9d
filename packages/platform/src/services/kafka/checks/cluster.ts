/** KA-1, KA-2: the brokers' version, and their ids. */
import { text } from "../../../text.ts";
import { instancesOf } from "../client.ts";
import { brokerIdOf } from "../names.ts";
import { observeBroker } from "../observe.ts";
import { isUp } from "../state.ts";
import { failed, type KafkaCheck, onAllBrokers, passed, settingsAre } from "./evidence.ts";

export const version: KafkaCheck = {
  id: "kafka.version",
  requirements: ["KA-1"],
  title: text(
    "Brokers of Kafka 3.9, the last line with ZooKeeper",
    "broker 版本为 Kafka 3.9，最后一个依赖 ZooKeeper 的版本线",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const brokers = await Promise.all(instancesOf(ctx).map((instance) => observeBroker(ctx, instance)));
    const evidence = brokers.map((broker) => ({
      from: broker.instance,
      read: isUp(broker) ? `inter.broker.protocol.version=${broker.version}` : broker.error,
    }));
    return brokers.length > 0 && brokers.every((broker) => isUp(broker) && broker.version.startsWith("3.9"))
      ? passed(onAllBrokers(brokers.length), evidence)
      : failed(text("not 3.9 on every broker", "并非每个 broker 都是 3.9"), evidence);
  },
};

export const ids: KafkaCheck = {
  id: "kafka.broker-ids",
  requirements: ["KA-2"],
  title: text("Each broker has its own id, and all are registered", "每个 broker 的 id 唯一，且均已注册"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const instances = instancesOf(ctx);
    const wanted = instances.map(brokerIdOf).sort((a, b) => a - b);
    const brokers = await Promise.all(instances.map((instance) => observeBroker(ctx, instance)));
    const own = await Promise.all(
      instances.map((instance) =>
        settingsAre({ ...ctx, own: only(ctx.own, instance) }, { "broker.id": `${brokerIdOf(instance)}` }),
      ),
    );
    const evidence = brokers.map((broker, i) => ({
      from: broker.instance,
      read: isUp(broker)
        ? `${own[i]?.evidence[0]?.read ?? ""}; registered: ${broker.registered.join(", ")}; controller: ${broker.controller}`
        : broker.error,
    }));
    const isRight = brokers.every(
      (broker, i) =>
        isUp(broker) &&
        own[i]?.right === true &&
        broker.registered.join() === wanted.join() &&
        broker.controller > 0,
    );
    return brokers.length > 0 && isRight
      ? passed(text(`ids ${wanted.join(", ")}`, `id 为 ${wanted.join("、")}`), evidence)
      : failed(
          text("not each registered with an id of its own", "并非每个 broker 都以唯一的 id 注册"),
          evidence,
        );
  },
};

/** The plan with one instance alone. */
const only = <
  P extends { readonly workloads: readonly { readonly instances: readonly { readonly name: string }[] }[] },
>(
  plan: P,
  instance: string,
): P => ({
  ...plan,
  workloads: plan.workloads.map((workload) => ({
    ...workload,
    instances: workload.instances.filter((one) => one.name === instance),
  })),
});
