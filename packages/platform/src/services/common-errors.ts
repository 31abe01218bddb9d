/** What every service's agent may have to say in the same words; each service gives it a code of its own. */
import { entry } from "../errors.ts";

/** @param service its name, as `mall status` takes it */
export const unreachable = (service: string) =>
  entry<{ instance: string; cause: string }>(
    "operation",
    (p) => ({
      what: `${p.instance} does not answer: ${p.cause}`,
      fix: `See \`mall status ${service}\` and \`mall logs ${p.instance}\`; start it when it is stopped.`,
    }),
    (p) => ({
      what: `${p.instance} 没有应答：${p.cause}`,
      fix: `请查看 \`mall status ${service}\` 和 \`mall logs ${p.instance}\`；若已停止，请启动它。`,
    }),
  );

/** An action whose reason was gone when it was to be done. */
export const groundsGone = entry<{ action: string; target: string }>(
  "operation",
  (p) => ({
    what: `${p.action} on ${p.target} was not done: the cluster no longer looks as it did when it was decided.`,
    fix: "Nothing to do: it is decided anew from a fresh look.",
  }),
  (p) => ({
    what: `未对 ${p.target} 执行 ${p.action}：集群状态已与做出决定时不同。`,
    fix: "无需处理：会根据最新状态重新决定。",
  }),
);
