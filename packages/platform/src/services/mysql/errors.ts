import { defineErrors, entry } from "../../errors.ts";

export const mysqlError = defineErrors("mysql", {
  MYSQL_UNREACHABLE: entry<{ instance: string; cause: string }>(
    "operation",
    (p) => ({
      what: `${p.instance} does not answer: ${p.cause}`,
      fix: `\`mall logs ${p.instance}\` has the server's own words; a stopped one is started by \`mall up\`.`,
    }),
    (p) => ({
      what: `${p.instance} 没有应答：${p.cause}`,
      fix: `\`mall logs ${p.instance}\` 可查看服务器日志；已停止的服务器可用 \`mall up\` 启动。`,
    }),
  ),
  MYSQL_ACTION_OUTDATED: entry<{ action: string; instance: string }>(
    "operation",
    (p) => ({
      what: `${p.action} on ${p.instance} was decided on what no longer holds; nothing was changed.`,
      fix: "Nothing to do: the next observation decides anew.",
    }),
    (p) => ({
      what: `对 ${p.instance} 的 ${p.action} 所依据的情况已改变；未做任何更改。`,
      fix: "无需处理：下一次观察会重新决定。",
    }),
  ),
  MYSQL_OBSERVATION_STALE: entry<{ action: string; ageMs: number; limitMs: number }>(
    "operation",
    (p) => ({
      what: `${p.action} was not done: what it rests on was seen ${p.ageMs} ms ago, more than the ${p.limitMs} ms allowed.`,
      fix: "Nothing to do: it is observed and decided anew. When it happens often, the machine is overloaded.",
    }),
    (p) => ({
      what: `未执行 ${p.action}：其依据是 ${p.ageMs} 毫秒前的观察，超过允许的 ${p.limitMs} 毫秒。`,
      fix: "无需处理：会重新观察并决定。若经常发生，说明机器过载。",
    }),
  ),
  MYSQL_NOT_PROVEN: entry<{ action: string; instance: string; read: string }>(
    "operation",
    (p) => ({
      what: `${p.action} on ${p.instance} was carried out, but the server does not show it: ${p.read}`,
      fix: "It is tried again; `mall status` says what is left to do.",
    }),
    (p) => ({
      what: `已在 ${p.instance} 上执行 ${p.action}，但服务器未体现结果：${p.read}`,
      fix: "会再次尝试；`mall status` 显示剩余的操作。",
    }),
  ),
  MYSQL_STILL_APPLYING: entry<{ instance: string; transactions: number }>(
    "operation",
    (p) => ({
      what: `${p.instance} still applies ${p.transactions} received transactions; its channel is not touched before, for that would drop them.`,
      fix: "Nothing to do: it is tried again when they are applied.",
    }),
    (p) => ({
      what: `${p.instance} 仍在应用 ${p.transactions} 个已接收的事务；在此之前不更改其复制通道，否则会丢弃它们。`,
      fix: "无需处理：应用完毕后会再次尝试。",
    }),
  ),
});
