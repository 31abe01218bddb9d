import { defineErrors, entry, type Language } from "../errors.ts";
import { excerpt } from "./excerpt.ts";
import type { SpecIssue } from "./issues.ts";

export interface Located {
  readonly file: string;
  readonly text: string;
  /** Every problem; the JSON form carries them as they are. */
  readonly details: readonly SpecIssue[];
}

/** One block a problem: where, what, and the line itself with a caret. */
function blocks(p: Located, language: Language): string {
  return p.details
    .map((issue) => {
      const where = `${p.file}:${issue.place.line}:${issue.place.column}`;
      const path = issue.path === "" ? "" : `${issue.path}: `;
      return `\n${where}: ${path}${issue.message[language]}\n${excerpt(p.text, issue.place)}`;
    })
    .join("\n");
}

const count = (p: Located): string =>
  p.details.length === 1 ? "one problem" : `${p.details.length} problems`;

export const specError = defineErrors("spec", {
  SERVICE_UNKNOWN: entry<{ service: string; known: readonly string[]; suggestion?: string | undefined }>(
    "input",
    (p) => ({
      what: `this mall has no service '${p.service}'`,
      fix: `${p.suggestion === undefined ? "" : `Did you mean '${p.suggestion}'? `}It has: ${p.known.join(", ")}.`,
    }),
    (p) => ({
      what: `此商城没有名为“${p.service}”的服务`,
      fix: `${p.suggestion === undefined ? "" : `您是否想输入“${p.suggestion}”？`}现有：${p.known.join("、")}。`,
    }),
  ),
  SPEC_ABSENT: entry<{ file: string }>(
    "input",
    (p) => ({
      what: `there is no file ${p.file}`,
      fix: "Give another one with --file, or write it with './mall spec init'. Without any file the defaults are used.",
    }),
    (p) => ({
      what: `找不到文件 ${p.file}`,
      fix: "请用 --file 指定其他文件，或用“./mall spec init”生成。没有该文件时使用默认值。",
    }),
  ),
  SPEC_UNREADABLE: entry<{ file: string; cause: string }>(
    "input",
    (p) => ({ what: `${p.file} cannot be read: ${p.cause}`, fix: "Check the file and its permissions." }),
    (p) => ({ what: `无法读取 ${p.file}：${p.cause}`, fix: "请检查该文件及其权限。" }),
  ),
  SPEC_YAML: entry<Located>(
    "input",
    (p) => ({
      what: `${p.file} is not well-formed YAML (${count(p)})${blocks(p, "en")}`,
      fix: "Correct it there; indentation is by spaces, two a level.",
    }),
    (p) => ({
      what: `${p.file} 不是合法的 YAML（${p.details.length} 处）${blocks(p, "zh")}`,
      fix: "请在上述位置修正；缩进使用空格，每级两个。",
    }),
  ),
  SPEC_INVALID: entry<Located>(
    "input",
    (p) => ({
      what: `${p.file} has ${count(p)}${blocks(p, "en")}`,
      fix: "'./mall spec explain' lists every setting with its meaning, value and default.",
    }),
    (p) => ({
      what: `${p.file} 有 ${p.details.length} 处问题${blocks(p, "zh")}`,
      fix: "“./mall spec explain”可列出每项设置的含义、取值和默认值。",
    }),
  ),
  SPEC_EXISTS: entry<{ file: string }>(
    "refused",
    (p) => ({
      what: `${p.file} is already there and was left as it is`,
      fix: "Write to another file with --output, or replace this one with --force.",
    }),
    (p) => ({ what: `${p.file} 已存在，未作改动`, fix: "请用 --output 写到其他文件，或用 --force 覆盖。" }),
  ),
  SPEC_PATH: entry<{ path: string; suggestion?: string | undefined }>(
    "input",
    (p) => ({
      what: `mall.yaml has no setting '${p.path}'`,
      fix: `${p.suggestion === undefined ? "" : `Did you mean '${p.suggestion}'? `}'./mall spec explain' lists all of them.`,
    }),
    (p) => ({
      what: `mall.yaml 没有“${p.path}”这项设置`,
      fix: `${p.suggestion === undefined ? "" : `您是否想输入“${p.suggestion}”？`}“./mall spec explain”可列出全部设置。`,
    }),
  ),
});
