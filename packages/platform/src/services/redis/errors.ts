import { defineErrors, entry } from "../../errors.ts";
import { groundsGone, unreachable } from "../common-errors.ts";

export const redisError = defineErrors("redis", {
  REDIS_UNREACHABLE: unreachable("redis"),
  REDIS_LOGIN_REFUSED: entry<{ instance: string }>(
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
  REDIS_GROUNDS_GONE: groundsGone,
  REDIS_NOT_PROVEN: entry<{ action: string; target: string; saw: string; waitedMs: number }>(
    "operation",
    (p) => ({
      what: `${p.action} on ${p.target} was sent, but after ${p.waitedMs} ms it still shows ${p.saw}.`,
      fix: "It is tried again; if it stays so, see the server's log.",
    }),
    (p) => ({
      what: `已对 ${p.target} 执行 ${p.action}，但 ${p.waitedMs} 毫秒后仍为 ${p.saw}。`,
      fix: "会自动重试；若一直如此，请查看服务器日志。",
    }),
  ),
  REDIS_NO_HEIR: entry<{ instance: string }>(
    "refused",
    (p) => ({
      what: `${p.instance} has no replica that is up to date, so it cannot hand its slots over.`,
      fix: "Wait until `mall status redis` is well, then try again.",
    }),
    (p) => ({
      what: `${p.instance} 没有数据完整的副本，无法移交槽位。`,
      fix: "请等待 `mall status redis` 正常后再试。",
    }),
  ),
});
