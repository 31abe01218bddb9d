/** Options that every verb takes, before or after its name. */
import type { Language } from "../errors.ts";
import { text } from "../text.ts";
import type { OptionSpecs, OptionValues } from "./verb.ts";

export const globalOptions = {
  file: {
    type: "string",
    short: "f",
    value: "mall.yaml",
    description: text(
      "The mall's document; left out: ./mall.yaml if it is there, else the defaults",
      "商城配置文件；不指定时使用 ./mall.yaml，若不存在则使用默认值",
    ),
  },
  json: {
    type: "flag",
    description: text("Print one JSON document instead of text", "输出一个 JSON 文档，而非文本"),
  },
  quiet: { type: "flag", description: text("Say nothing about progress", "不显示进度") },
  color: { type: "flag", default: true, description: text("Print without colours", "不使用颜色") },
  lang: {
    type: "string",
    value: "en|zh",
    choices: ["en", "zh"],
    description: text(
      "Language of texts; left out: that of LC_ALL or LANG",
      "文本语言；不指定时取自 LC_ALL 或 LANG",
    ),
  },
  version: { type: "flag", description: text("Print the version", "显示版本号") },
  help: { type: "flag", short: "h", description: text("Print this help", "显示本帮助") },
} as const satisfies OptionSpecs;

export type GlobalValues = OptionValues<typeof globalOptions>;

/** The first of LC_ALL, LC_MESSAGES and LANG that is set decides, as POSIX says. */
export function environmentLanguage(env: NodeJS.ProcessEnv): Language {
  const locale = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((v) => v !== undefined && v !== "") ?? "";
  return locale.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/**
 * What must be known before anything can be parsed, so that a mistake in the arguments is also said in the user's
 * language and form.
 */
export function peek(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): { readonly language: Language; readonly json: boolean; readonly color: boolean; readonly quiet: boolean } {
  const end = argv.indexOf("--");
  const own = end === -1 ? argv : argv.slice(0, end);
  const at = own.lastIndexOf("--lang");
  const value = own.findLast((a) => a.startsWith("--lang="))?.slice("--lang=".length) ?? own[at + 1];
  const asked = at !== -1 || own.some((a) => a.startsWith("--lang=")) ? value : undefined;
  return {
    language: asked === "zh" || asked === "en" ? asked : environmentLanguage(env),
    json: own.includes("--json"),
    color: !own.includes("--no-color"),
    quiet: own.includes("--quiet"),
  };
}
