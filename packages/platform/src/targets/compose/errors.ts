import { defineErrors, entry } from "../../errors.ts";

export const composeError = defineErrors("compose", {
  PORT_NOT_PUBLISHED: entry<{ instance: string; port: string }>(
    "internal",
    (p) => ({
      what: `port ${p.port} of ${p.instance} is not reachable from outside of the mall`,
      fix: "Ask the agent, which is inside.",
    }),
    (p) => ({ what: `${p.instance} 的端口 ${p.port} 未对外发布`, fix: "请通过商城内部的 agent 访问。" }),
  ),
  PORTS_IN_USE: entry<{ ports: readonly { port: number; wanted: string }[]; bind: string }>(
    "machine",
    (p) => ({
      what: `${p.ports.map((x) => `${p.bind}:${x.port} (${x.wanted})`).join(", ")} is taken by another program`,
      fix: "`mall doctor` names the program. End it, or choose another `portBase` in mall.yaml.",
    }),
    (p) => ({
      what: `${p.ports.map((x) => `${p.bind}:${x.port}(${x.wanted})`).join("、")} 已被其他程序占用`,
      fix: "mall doctor 可显示占用者。请结束该程序，或在 mall.yaml 中换一个 portBase。",
    }),
  ),
  FOREIGN_VOLUMES: entry<{ mall: string; volumes: readonly string[] }>(
    "refused",
    (p) => ({
      what: `volumes of another mall named "${p.mall}" are on this engine (${p.volumes.slice(0, 3).join(", ")}${p.volumes.length > 3 ? ", …" : ""}): their passwords and keys are not in this state directory`,
      fix: "Set MALL_HOME to the state directory that they belong to, or give this mall another `name`, or delete them with `docker volume rm`.",
    }),
    (p) => ({
      what: `此引擎上已有另一个名为“${p.mall}”的商城的数据卷（${p.volumes.slice(0, 3).join("、")}${p.volumes.length > 3 ? " 等" : ""}），其密码和密钥不在当前状态目录中`,
      fix: "请将 MALL_HOME 指向它们所属的状态目录，或为本商城另取 name，或用 docker volume rm 删除这些卷。",
    }),
  ),
  COMPOSE_FAILED: entry<{ verb: string; output: string }>(
    "operation",
    (p) => ({
      what: `docker compose ${p.verb} failed: ${p.output}`,
      fix: "Mend what it names, then run the same command again; it goes on where it stopped.",
    }),
    (p) => ({
      what: `docker compose ${p.verb} 失败：${p.output}`,
      fix: "请先解决其中指出的问题，再次运行同一命令即可继续。",
    }),
  ),
  NOT_HEALTHY: entry<{
    instances: readonly { instance: string; state: string; log: string }[];
    seconds: number;
  }>(
    "operation",
    (p) => ({
      what: `not healthy after ${p.seconds} s: ${p.instances.map((i) => `${i.instance} (${i.state})`).join(", ")}\n${p.instances.map((i) => i.log).join("\n")}`,
      fix: "`mall logs <service>` shows more; `mall doctor` looks at this machine.",
    }),
    (p) => ({
      what: `${p.seconds} 秒后仍未健康：${p.instances.map((i) => `${i.instance}（${i.state}）`).join("、")}\n${p.instances.map((i) => i.log).join("\n")}`,
      fix: "用 mall logs <服务> 查看更多日志；用 mall doctor 检查本机。",
    }),
  ),
  NOT_CONVERGED: entry<{ seconds: number; services: readonly string[] }>(
    "operation",
    (p) => ({
      what: `the agent has not finished after ${p.seconds} s: ${p.services.join("; ")}`,
      fix: "It goes on by itself; `mall status` and `mall events` show what it waits for.",
    }),
    (p) => ({
      what: `${p.seconds} 秒后 agent 仍未完成：${p.services.join("；")}`,
      fix: "它会继续自行处理；用 mall status 和 mall events 查看在等待什么。",
    }),
  ),
  MALL_ABSENT: entry<{ mall: string }>(
    "input",
    (p) => ({ what: `no mall "${p.mall}" is on this machine`, fix: "Run `mall up` first." }),
    (p) => ({ what: `本机没有名为“${p.mall}”的商城`, fix: "请先运行 mall up。" }),
  ),
  PLAN_NOT_APPLIED: entry<{ mall: string }>(
    "refused",
    (p) => ({
      what: `mall.yaml asks for another "${p.mall}" than the one that runs`,
      fix: "Run `mall up` first, so that what is rotated is what runs.",
    }),
    (p) => ({
      what: `mall.yaml 与正在运行的“${p.mall}”不一致`,
      fix: "请先运行 mall up，使轮换对象与运行中的商城一致。",
    }),
  ),
  MALL_STATE_CORRUPT: entry<{ file: string; problem: string }>(
    "operation",
    (p) => ({
      what: `${p.file} cannot be read as what mallstack wrote: ${p.problem}`,
      fix: "Nothing was changed. Restore the file from a copy; if the containers still run, `mall down` and `mall up` write it anew after you move it away.",
    }),
    (p) => ({
      what: `${p.file} 已损坏，无法读取：${p.problem}`,
      fix: "未做任何更改。请从副本恢复该文件；若容器仍在运行，可将其移开后执行 mall down 和 mall up 重新生成。",
    }),
  ),
});
