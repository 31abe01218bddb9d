import { defineErrors, entry } from "../errors.ts";

export const verifyError = defineErrors("verify", {
  VERIFY_ID_UNKNOWN: entry<{ id: string; suggestion?: string | undefined }>(
    "input",
    (p) => ({
      what: `there is no check, requirement or service "${p.id}".`,
      fix: `${p.suggestion === undefined ? "" : `Did you mean "${p.suggestion}"? `}\`mall verify --json\` lists all of them.`,
    }),
    (p) => ({
      what: `没有名为“${p.id}”的检查、要求或服务。`,
      fix: `${p.suggestion === undefined ? "" : `您是否想输入“${p.suggestion}”？`}mall verify --json 可列出全部。`,
    }),
  ),
  VERIFY_RECORD_INVALID: entry<{ file: string; problem: string }>(
    "input",
    (p) => ({
      what: `${p.file} holds no result that can be recorded: ${p.problem}`,
      fix: "docs/verify.md shows its form; nothing was recorded.",
    }),
    (p) => ({
      what: `${p.file} 中没有可记录的结果：${p.problem}`,
      fix: "其格式见 docs/verify.md；未记录任何内容。",
    }),
  ),
  VERIFY_DISRUPTIVE: entry<{ checks: readonly string[] }>(
    "refused",
    (p) => ({
      what: `these fill memory, take the last connection or stop a node: ${p.checks.join(", ")}.`,
      fix: "Add --yes to run them; clients of this mall may see errors meanwhile.",
    }),
    (p) => ({
      what: `以下检查会占满内存、耗尽连接或停止节点：${p.checks.join("、")}。`,
      fix: "加上 --yes 以执行；期间客户端可能会遇到错误。",
    }),
  ),
});
