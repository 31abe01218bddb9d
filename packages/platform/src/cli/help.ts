/** Help texts, from the verbs' own data. Written by hand and not by commander: two languages, and Chinese widths. */
import type { Colors } from "picocolors/types.js";
import type { Language } from "../errors.ts";
import type { Text } from "../text.ts";
import { displayWidth, padEnd, wrap } from "../width.ts";
import { globalOptions } from "./globals.ts";
import { longName } from "./parse.ts";
import {
  type AnyVerb,
  type ArgumentSpec,
  kebab,
  type OptionSpec,
  type OptionSpecs,
  type VerbGroup,
  type VerbSection,
} from "./verb.ts";

export interface HelpStyle {
  readonly language: Language;
  readonly colors: Colors;
  /** Columns to write within; more than 100 are not used: long lines are hard to read. */
  readonly width: number;
}

const words = {
  usage: { en: "Usage", zh: "用法" },
  arguments: { en: "Arguments", zh: "参数" },
  options: { en: "Options", zh: "选项" },
  globals: { en: "Global options", zh: "全局选项" },
  examples: { en: "Examples", zh: "示例" },
  commands: { en: "Commands", zh: "命令" },
  command: { en: "command", zh: "命令" },
  default: { en: "default", zh: "默认" },
  oneOf: { en: "one of", zh: "可选值" },
} as const satisfies Record<string, Text>;

const tagline: Text = {
  en: "mall: the external services of a B2B2C mall, as real servers, secured and proven.",
  zh: "mall：B2B2C 商城的外部服务：真实的服务器，安全加固，逐项验证。",
};

const globalHint: Text = {
  en: "Every command also takes --file, --json, --quiet, --no-color and --lang; see './mall --help'.",
  zh: "每个命令还接受 --file、--json、--quiet、--no-color 和 --lang，详见“./mall --help”。",
};

const moreHint: Text = {
  en: "'./mall <command> --help' shows a command's options and examples.",
  zh: "“./mall <命令> --help”可查看某个命令的选项和示例。",
};

const rootExamples: readonly (readonly [string, Text])[] = [
  ["./mall up", { en: "everything of ./mall.yaml runs, proven", zh: "启动并验证 ./mall.yaml 中的全部服务" }],
  ["./mall status", { en: "what runs, and how it is", zh: "查看运行状况" }],
  ["./mall down", { en: "stop it; the data stays", zh: "停止运行，保留数据" }],
];

/** Two columns; the right one wrapped within the width, below its own beginning. */
function pairs(rows: readonly (readonly [string, string])[], style: HelpStyle): readonly string[] {
  const left = Math.min(30, Math.max(0, ...rows.map(([name]) => displayWidth(name))));
  const right = Math.max(24, Math.min(100, style.width) - left - 4);
  return rows.flatMap(([name, description]) => {
    const lines = wrap(description, right);
    const indent = " ".repeat(left + 4);
    const own = displayWidth(name) > left;
    const first = style.colors.cyan(padEnd(name, left));
    return own
      ? [`  ${first}`, ...lines.map((l) => `${indent}${l}`)]
      : [`  ${first}  ${lines[0] ?? ""}`, ...lines.slice(1).map((l) => `${indent}${l}`)];
  });
}

const heading = (title: Text, style: HelpStyle): string => style.colors.bold(title[style.language]);

function optionRow(key: string, spec: OptionSpec, language: Language): readonly [string, string] {
  const short = spec.short === undefined ? "    " : `-${spec.short}, `;
  const value = spec.type === "flag" ? "" : ` <${spec.value}>`;
  const notes: string[] = [];
  if (
    spec.type !== "flag" &&
    "choices" in spec &&
    spec.choices !== undefined &&
    spec.value !== spec.choices.join("|")
  )
    notes.push(`${words.oneOf[language]}: ${spec.choices.join(", ")}`);
  if (spec.type !== "flag" && "default" in spec && spec.default !== undefined)
    notes.push(`${words.default[language]}: ${spec.default}`);
  const after = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return [`${short}${longName(key, spec)}${value}`, `${spec.description[language]}${after}`];
}

const optionRows = (specs: OptionSpecs, language: Language) =>
  Object.entries(specs).map(([key, spec]) => optionRow(key, spec, language));

const argumentForm = (name: string, spec: ArgumentSpec): string => {
  const inner = spec.variadic ? `${name}…` : name;
  return spec.required ? `<${inner}>` : `[${inner}]`;
};

function examples(list: readonly (readonly [string, Text])[], style: HelpStyle): readonly string[] {
  if (list.length === 0) return [];
  const width = Math.min(44, Math.max(...list.map(([command]) => displayWidth(command))));
  return [
    "",
    heading(words.examples, style),
    ...list.flatMap(([command, does]) => {
      const says = style.colors.dim(`# ${does[style.language]}`);
      return displayWidth(command) > width
        ? [`  ${style.colors.dim("$")} ${command}`, `    ${says}`]
        : [`  ${style.colors.dim("$")} ${padEnd(command, width)}  ${says}`];
    }),
  ];
}

export function rootHelp(all: readonly VerbSection[], style: HelpStyle): string {
  const { language } = style;
  const sections = all.filter((s) => s.entries.length > 0);
  const rows = sections.map((s) => s.entries.map((e) => [e.name, e.summary[language]] as const));
  // One width for all sections, so that the summaries stand in one column.
  const left = Math.max(...rows.flat().map(([name]) => name.length));
  const body = sections.flatMap((s, i) => [
    "",
    heading(s.title, style),
    ...pairs(
      (rows[i] ?? []).map(([n, d]) => [n.padEnd(left), d] as const),
      style,
    ),
  ]);
  return [
    style.colors.bold(tagline[language]),
    "",
    `${heading(words.usage, style)}: ./mall <${words.command[language]}> […]`,
    ...body,
    "",
    heading(words.globals, style),
    ...pairs(optionRows(globalOptions, language), style),
    ...examples(rootExamples, style),
    "",
    moreHint[language],
    "",
  ].join("\n");
}

export function groupHelp(group: VerbGroup, style: HelpStyle): string {
  const { language } = style;
  return [
    style.colors.bold(group.summary[language]),
    "",
    `${heading(words.usage, style)}: ./mall ${group.name} <${words.command[language]}> […]`,
    "",
    heading(words.commands, style),
    ...pairs(
      group.verbs.map((v) => [v.name, v.summary[language]] as const),
      style,
    ),
    "",
    moreHint[language].replace(`<${words.command[language]}>`, `${group.name} <${words.command[language]}>`),
    "",
  ].join("\n");
}

/** @param path the verb's words, `spec check` */
export function verbHelp(path: string, summary: Text, verb: AnyVerb, style: HelpStyle): string {
  const { language } = style;
  const names = Object.entries(verb.arguments);
  const usage = [
    `./mall ${path}`,
    ...(Object.keys(verb.options).length > 0 ? ["[options]"] : []),
    ...names.map(([name, spec]) => argumentForm(kebab(name), spec)),
  ].join(" ");
  return [
    style.colors.bold(summary[language]),
    "",
    ...wrap(verb.description[language], Math.min(100, style.width)),
    "",
    `${heading(words.usage, style)}: ${usage}`,
    ...(names.length === 0
      ? []
      : [
          "",
          heading(words.arguments, style),
          ...pairs(
            names.map(([name, spec]) => [
              argumentForm(kebab(name), spec),
              `${spec.description[language]}${
                spec.choices === undefined ? "" : ` (${words.oneOf[language]}: ${spec.choices.join(", ")})`
              }`,
            ]),
            style,
          ),
        ]),
    ...(Object.keys(verb.options).length === 0
      ? []
      : ["", heading(words.options, style), ...pairs(optionRows(verb.options, language), style)]),
    ...examples(
      verb.examples.map((e) => [`./mall ${e.command}`, e.does] as const),
      style,
    ),
    "",
    globalHint[language],
    "",
  ].join("\n");
}
