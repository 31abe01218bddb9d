/** KA-6: threads, buffers and the largest message, as set and as it works. */
import { randomBytes } from "node:crypto";
import { text } from "../../../text.ts";
import { configOf } from "../config-value.ts";
import { encodeBatch } from "../protocol/records.ts";
import { sizesOf } from "../sizing.ts";
import {
  failed,
  type KafkaCheck,
  onAllBrokers,
  passed,
  readAll,
  settingsAre,
  withTopic,
  write,
} from "./evidence.ts";

export const tuning: KafkaCheck = {
  id: "kafka.threads-and-buffers",
  requirements: ["KA-6"],
  title: text(
    "Network and I/O threads, socket buffers and the largest message follow from cores and memory",
    "网络与 I/O 线程、套接字缓冲区和最大消息按核数与内存设置",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { spec } = ctx;
    const sizes = sizesOf(spec);
    const wanted = {
      "num.network.threads": sizes.networkThreads,
      "num.io.threads": sizes.ioThreads,
      "socket.send.buffer.bytes": sizes.socketBufferBytes,
      "socket.receive.buffer.bytes": sizes.socketBufferBytes,
      "message.max.bytes": spec.maxMessage,
      "replica.fetch.max.bytes": sizes.replicaFetchBytes,
    };
    const { right, evidence } = await settingsAre(
      ctx,
      Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, configOf(spec, key, value)])),
    );
    return right
      ? passed(onAllBrokers(evidence.length), evidence)
      : failed(text("not as planned", "与规划不符"), evidence);
  },
};

export const message: KafkaCheck = {
  id: "kafka.message-limit",
  requirements: ["KA-6"],
  title: text(
    "A message over the limit gets the right error; one just under goes through to the consumer",
    "超过上限的消息得到正确的错误；略低于上限的消息能到达消费者",
  ),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    const limit = Number(configOf(ctx.spec, "message.max.bytes", ctx.spec.maxMessage));
    // The limit is the whole batch's, with what frames the record.
    const under = valueFor(limit);
    const over = valueFor(limit + 1);
    return withTopic(ctx, Math.min(ctx.spec.replicationFactor, ctx.spec.brokers), async (topic) => {
      const refused = await write(ctx, topic, [over]);
      const taken = await write(ctx, topic, [under]);
      const back = await readAll(ctx, topic);
      const isBack = back.length === 1 && back[0]?.equals(under) === true;
      const evidence = [
        { from: topic, read: `a batch of ${limit + 1} bytes: ${refused.error}` },
        {
          from: topic,
          read: `a batch of ${limit} bytes: ${taken.error}; read back: ${isBack ? "the same" : `${back.length} records`}`,
        },
      ];
      return refused.error === "MESSAGE_TOO_LARGE" && taken.error === "NONE" && isBack
        ? passed(text(`the limit is ${limit} bytes`, `上限为 ${limit} 字节`), evidence)
        : failed(text("the limit is not what it should be", "上限与规划不符"), evidence);
    });
  },
};

/** A value with which a batch of one record has this many bytes. */
export function valueFor(batchBytes: number): Buffer {
  let length = batchBytes - 70;
  for (let left = 1; left > 0; length += left)
    left = batchBytes - encodeBatch([Buffer.alloc(length)], 0).length;
  return randomBytes(length);
}
