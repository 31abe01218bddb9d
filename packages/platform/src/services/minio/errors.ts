import { defineErrors, entry } from "../../errors.ts";

export const minioError = defineErrors("minio", {
  MINIO_UNREACHABLE: entry<{ instance: string; cause: string }>(
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
  MINIO_REFUSED: entry<{ instance: string; request: string; status: number; answer: string }>(
    "operation",
    (p) => ({
      what: `${p.instance} refused ${p.request} with ${p.status}: ${p.answer}`,
      fix: "While fewer than three nodes are there, the cluster takes no write. `mall status` says which are.",
    }),
    (p) => ({
      what: `${p.instance} 拒绝了 ${p.request}，状态码 ${p.status}：${p.answer}`,
      fix: "在线节点少于三个时，集群不接受写入。`mall status` 可查看哪些节点在线。",
    }),
  ),
  MINIO_NOT_PROVEN: entry<{ action: string; target: string; read: string }>(
    "operation",
    (p) => ({
      what: `${p.action} of ${p.target} was carried out, but the servers do not show it: ${p.read}`,
      fix: "It is tried again by itself; `mall events` shows each try.",
    }),
    (p) => ({
      what: `已对 ${p.target} 执行 ${p.action}，但服务器未体现结果：${p.read}`,
      fix: "系统会自动重试；`mall events` 可查看每次尝试。",
    }),
  ),
});
