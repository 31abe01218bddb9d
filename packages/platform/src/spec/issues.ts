/** What zod found, as sentences for a person, at places of the document. */
import type { z } from "zod";
import { nearest } from "../nearest.ts";
import { type Text, text } from "../text.ts";
import type { MallSchema } from "./compose.ts";
import { readHint } from "./hint.ts";
import { keysAt, settingsOf } from "./walk.ts";
import { type Path, type Place, pathText, type Source } from "./yaml.ts";

export interface SpecIssue {
  /** `services.mysql.memory`; empty for the document as a whole. */
  readonly path: string;
  readonly place: Place;
  readonly message: Text;
}

/** Given to zod as every message that no schema wrote itself, so that the two can be told apart. */
export const unsaid = "\u0000";

const shown = (value: unknown): Text => {
  if (value === null || value === undefined) return text("nothing", "空");
  if (Array.isArray(value)) return text("a list", "一个列表");
  if (typeof value === "object") return text("a map", "一个映射");
  const json = JSON.stringify(value);
  return text(json, json);
};

const kinds: Readonly<Record<string, Text>> = {
  string: text("text", "文本"),
  number: text("a number", "数字"),
  int: text("a whole number", "整数"),
  boolean: text("true or false", "true 或 false"),
  object: text("a map of settings", "一组设置"),
  record: text("a map of names to values", "名称到值的映射"),
  array: text("a list", "列表"),
};

const got = (expected: Text, value: unknown): Text =>
  text(`expected ${expected.en}, got ${shown(value).en}`, `应为${expected.zh}，实际为 ${shown(value).zh}`);

function messageOf(issue: z.core.$ZodIssue, value: unknown): Text {
  if (issue.message !== unsaid) {
    const own = readHint(issue.message);
    // A schema's short word ("a lower-case name") becomes a sentence as the others are; a whole one stays.
    return own.en.startsWith("expected") ? own : got(own, value);
  }
  switch (issue.code) {
    case "invalid_type":
      return got(kinds[issue.expected] ?? text(issue.expected, issue.expected), value);
    case "invalid_value": {
      const values = issue.values.map(String);
      const suggestion = nearest(String(value), values);
      const said = got(text(`one of ${values.join(", ")}`, ` ${values.join("、")} 之一`), value);
      return suggestion === undefined
        ? said
        : text(`${said.en}; did you mean ${suggestion}?`, `${said.zh}；您是否想写 ${suggestion}？`);
    }
    case "too_small":
    case "too_big": {
      const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
      const least = issue.code === "too_small";
      const open = issue.inclusive === false;
      if (issue.origin === "array" || issue.origin === "string")
        return got(
          text(
            `${least ? "at least" : "at most"} ${bound} ${issue.origin === "array" ? "of them" : "characters"}`,
            `${least ? "至少" : "最多"} ${bound} ${issue.origin === "array" ? "项" : "个字符"}`,
          ),
          value,
        );
      return got(
        text(
          `a number ${open ? (least ? "above" : "below") : least ? "of at least" : "of at most"} ${bound}`,
          `${open ? (least ? "大于" : "小于") : least ? "不小于" : "不大于"} ${bound} 的数字`,
        ),
        value,
      );
    }
    case "invalid_format":
      return issue.format === "url"
        ? got(
            text("a URL such as https://mirror.example/debian", "URL，例如 https://mirror.example/debian"),
            value,
          )
        : got(text(`text of the form ${issue.format}`, `${issue.format} 格式的文本`), value);
    case "invalid_union": {
      const options = issue.errors.map((e) => e[0]).filter((e) => e !== undefined);
      const said = options.map((o) =>
        o.message !== unsaid
          ? readHint(o.message)
          : o.code === "invalid_type"
            ? (kinds[o.expected] ?? text(o.expected, o.expected))
            : text("text of another form", "其他格式的文本"),
      );
      const unique = said.filter((t, i) => said.findIndex((u) => u.en === t.en) === i);
      return got(text(unique.map((t) => t.en).join(" or "), unique.map((t) => t.zh).join(" 或 ")), value);
    }
    case "invalid_key": {
      const inner = issue.issues[0];
      const own = inner === undefined || inner.message === unsaid ? undefined : readHint(inner.message);
      const name = String(issue.path.at(-1));
      return text(
        `'${name}' cannot be a name here${own === undefined ? "" : `: expected ${own.en}`}`,
        `“${name}”不能用作此处的名称${own === undefined ? "" : `：应为${own.zh}`}`,
      );
    }
    default:
      return text("this value cannot be used here", "此处不能使用该值");
  }
}

const globMatches = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((p) => p.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "i",
  ).test(name);

/** An unknown key is a removed setting, one that belongs elsewhere, a misspelt one, or just unknown: in this order. */
function unknownKey(path: Path, key: string, mall: MallSchema): Text {
  const where =
    pathText(path) === ""
      ? text("at the top", "顶层")
      : text(`under ${pathText(path)}`, `${pathText(path)} 下`);
  const what = text(`unknown key '${key}' ${where.en}`, `${where.zh}没有“${key}”这个键`);
  const service = path[0] === "services" ? mall.services.find((s) => s.name === path[1]) : undefined;
  const removed = Object.entries(service?.removed ?? {}).find(([pattern]) => globMatches(pattern, key));
  if (removed !== undefined)
    return text(`'${key}' cannot be set: ${removed[1].en}`, `不能设置“${key}”：${removed[1].zh}`);

  const here = keysAt(mall.schema, path);
  const close = nearest(key, here);
  const elsewhere = [
    ...settingsOf(mall.schema)
      .filter((s) => s.path.at(-1) === key)
      .map((s) => s.path.slice(0, -1)),
    ...(mall.services.some((s) => s.name === key) ? [["services"]] : []),
  ].filter((p) => p.length > 0 && pathText(p) !== pathText(path));
  const inExact = elsewhere.map(pathText);
  if (inExact.length > 0 && close === undefined) {
    const list = inExact.slice(0, 4);
    return text(
      `${what.en}; it belongs under ${list.join(" or ")}`,
      `${what.zh}；它应写在 ${list.join(" 或 ")} 下`,
    );
  }
  if (close !== undefined)
    return text(`${what.en}; did you mean '${close}'?`, `${what.zh}；您是否想写“${close}”？`);
  return here.length === 0
    ? what
    : text(`${what.en}; allowed: ${here.join(", ")}`, `${what.zh}；可用的键：${here.join("、")}`);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[part] : undefined,
    value,
  );
}

const isPart = (part: PropertyKey): part is string | number => typeof part !== "symbol";

/** In the order of the document. `value` is what was given to zod. */
export function issuesOf(
  error: z.ZodError,
  value: unknown,
  source: Source,
  mall: MallSchema,
): readonly SpecIssue[] {
  return error.issues.flatMap((issue): readonly SpecIssue[] => {
    const path = issue.path.filter(isPart);
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        path: pathText([...path, key]),
        place: source.place([...path, key], "key"),
        message: unknownKey(path, key, mall),
      }));
    return [
      {
        path: pathText(path),
        place: source.place(path, issue.code === "invalid_key" ? "key" : "value"),
        message: messageOf(issue, valueAt(value, path)),
      },
    ];
  });
}
