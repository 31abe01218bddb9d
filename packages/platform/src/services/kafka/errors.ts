import { defineErrors, entry } from "../../errors.ts";
import { groundsGone, unreachable } from "../common-errors.ts";

export const kafkaError = defineErrors("kafka", {
  KAFKA_UNREACHABLE: unreachable("kafka"),
  KAFKA_NO_CONTROLLER: entry<object>(
    "operation",
    () => ({
      what: "No broker that answers is the controller, so nothing can be changed.",
      fix: "See `mall status zookeeper`: the brokers choose a controller as soon as there is a quorum.",
    }),
    () => ({
      what: "没有可应答的 broker 是 controller，因此无法进行任何更改。",
      fix: "请查看 `mall status zookeeper`：一旦有法定多数，broker 就会选出 controller。",
    }),
  ),
  KAFKA_GROUNDS_GONE: groundsGone,
  KAFKA_NOT_PROVEN: entry<{ action: string; target: string; saw: string; waitedMs: number }>(
    "operation",
    (p) => ({
      what: `${p.action} on ${p.target} was sent, but after ${p.waitedMs} ms this is still so: ${p.saw}.`,
      fix: "It is tried again; if it stays so, see the broker's log.",
    }),
    (p) => ({
      what: `已对 ${p.target} 执行 ${p.action}，但 ${p.waitedMs} 毫秒后仍然：${p.saw}。`,
      fix: "会自动重试；若一直如此，请查看 broker 日志。",
    }),
  ),
  KAFKA_REFUSED: entry<{ action: string; cause: string }>(
    "operation",
    (p) => ({
      what: `The brokers refused ${p.action}: ${p.cause}`,
      fix: "Correct what they name in mall.yaml, then run `mall up`.",
    }),
    (p) => ({
      what: `broker 拒绝了 ${p.action}：${p.cause}`,
      fix: "请在 mall.yaml 中更正所指出的内容，然后运行 `mall up`。",
    }),
  ),
});
