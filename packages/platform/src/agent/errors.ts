import { defineErrors, entry } from "../errors.ts";

export const agentError = defineErrors("agent", {
  AGENT_MALL_UNREADABLE: entry<{ path: string; cause: string }>(
    "operation",
    (p) => ({
      what: `${p.path} cannot be taken up: ${p.cause}`,
      fix: "`mall up` writes it again. Until then the agent follows the former one.",
    }),
    (p) => ({
      what: `无法读取 ${p.path}:${p.cause}`,
      fix: "运行 `mall up` 会重新写入。在此之前代理沿用原来的配置。",
    }),
  ),
  AGENT_PORT_UNKNOWN: entry<{ instance: string; port: string }>(
    "internal",
    (p) => ({
      what: `the plan has no port ${p.port} on ${p.instance}`,
      fix: "Report this: a service asked for a port that it does not plan.",
    }),
    (p) => ({
      what: `计划中 ${p.instance} 没有端口 ${p.port}`,
      fix: "请报告此问题：某个服务请求了它未规划的端口。",
    }),
  ),
  AGENT_SECRET_ABSENT: entry<{ id: string; path: string }>(
    "operation",
    (p) => ({
      what: `the secret ${p.id} is not in the agent's folder (${p.path})`,
      fix: "`mall up` fills the folder again.",
    }),
    (p) => ({
      what: `代理的目录中没有密钥 ${p.id}(${p.path})`,
      fix: "运行 `mall up` 会重新填充该目录。",
    }),
  ),
  AGENT_UNREACHABLE: entry<{ address: string; cause: string }>(
    "operation",
    (p) => ({
      what: `the agent does not answer at ${p.address}: ${p.cause}`,
      fix: "See `mall status` for its container and `mall logs agent`; `mall up` starts it again.",
    }),
    (p) => ({
      what: `代理在 ${p.address} 没有应答：${p.cause}`,
      fix: "用 `mall status` 查看其容器，用 `mall logs agent` 查看日志；`mall up` 会重新启动它。",
    }),
  ),
  AGENT_REFUSED: entry<{ status: number; path: string; message: string }>(
    "operation",
    (p) => ({
      what: `the agent refused ${p.path} (${p.status}): ${p.message}`,
      fix: "A newer command line than agent? `mall up` brings both to the same version.",
    }),
    (p) => ({
      what: `代理拒绝了 ${p.path}(${p.status}):${p.message}`,
      fix: "命令行可能比代理新：`mall up` 会使两者版本一致。",
    }),
  ),
  AGENT_ACTION_FAILED: entry<{ service: string; action: string; message: string }>(
    "operation",
    (p) => ({
      what: `${p.service}: ${p.action} failed: ${p.message}`,
      fix: "`mall events` shows what was tried; `mall status` what is left to do.",
    }),
    (p) => ({
      what: `${p.service}:${p.action} 失败：${p.message}`,
      fix: "`mall events` 显示已尝试的操作，`mall status` 显示剩余的操作。",
    }),
  ),
});
