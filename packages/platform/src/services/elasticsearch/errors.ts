import { defineErrors, entry } from "../../errors.ts";
import { groundsGone, unreachable } from "../common-errors.ts";

export const elasticsearchError = defineErrors("elasticsearch", {
  ELASTICSEARCH_UNREACHABLE: unreachable("elasticsearch"),
  ELASTICSEARCH_LOGIN_REFUSED: entry<{ instance: string }>(
    "operation",
    (p) => ({
      what: `${p.instance} takes neither the present nor the previous password of user agent.`,
      fix: `Restart it with \`mall restart ${p.instance}\`: it then reads its users anew.`,
    }),
    (p) => ({
      what: `${p.instance} 既不接受 agent 用户的当前密码，也不接受之前的密码。`,
      fix: `请用 \`mall restart ${p.instance}\` 重启它，启动时会重新读取用户。`,
    }),
  ),
  ELASTICSEARCH_ANSWER: entry<{ instance: string; request: string; status: number; said: string }>(
    "operation",
    (p) => ({
      what: `${p.instance} answered ${p.status} to ${p.request}: ${p.said}`,
      fix: "It is tried again; if it stays so, see the server's log.",
    }),
    (p) => ({
      what: `${p.instance} 对 ${p.request} 返回 ${p.status}：${p.said}`,
      fix: "会自动重试；若一直如此，请查看服务器日志。",
    }),
  ),
  ELASTICSEARCH_GROUNDS_GONE: groundsGone,
  ELASTICSEARCH_NOT_PROVEN: entry<{ action: string; target: string; saw: string; waitedMs: number }>(
    "operation",
    (p) => ({
      what: `${p.action} on ${p.target} was sent, but after ${p.waitedMs} ms it is still asked for: ${p.saw}.`,
      fix: "It is tried again; if it stays so, see the server's log.",
    }),
    (p) => ({
      what: `已对 ${p.target} 执行 ${p.action}，但 ${p.waitedMs} 毫秒后仍需要执行：${p.saw}。`,
      fix: "会自动重试；若一直如此，请查看服务器日志。",
    }),
  ),
});
