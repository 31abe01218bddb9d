import { defineErrors, entry } from "../errors.ts";

const listed = (title: string, names: readonly string[]): string =>
  names.length === 0 ? "" : `\n  ${title}: ${names.join(", ")}`;

export const testError = defineErrors("test", {
  TEST_SUITE: entry<{ name: string; known: readonly string[]; suggestion?: string | undefined }>(
    "input",
    (p) => ({
      what: `there is no suite '${p.name}'`,
      fix: `${p.suggestion === undefined ? "" : `Did you mean '${p.suggestion}'? `}There are: ${p.known.join(", ")}.`,
    }),
    (p) => ({
      what: `没有名为“${p.name}”的测试套件`,
      fix: `${p.suggestion === undefined ? "" : `您是否想输入“${p.suggestion}”？`}可用的套件：${p.known.join("、")}。`,
    }),
  ),
  TEST_LIST: entry<{
    file: string;
    missing: readonly string[];
    unlisted: readonly string[];
    repeated: readonly string[];
  }>(
    "internal",
    (p) => ({
      what: `${p.file} and the files beside it differ${listed("listed, but no file", p.missing)}${listed("a file, but not listed", p.unlisted)}${listed("listed twice", p.repeated)}`,
      fix: "List every end-to-end suite once: 'NAME', or 'local NAME: REASON' to keep it out of CI.",
    }),
    (p) => ({
      what: `${p.file} 与其旁边的文件不一致${listed("已列出但无文件", p.missing)}${listed("有文件但未列出", p.unlisted)}${listed("重复列出", p.repeated)}`,
      fix: "请将每个端到端套件列出一次：“NAME”，或用“local NAME: REASON”使其不在 CI 中运行。",
    }),
  ),
});
