/** What a schema says about its settings: their names, kinds, limits, defaults and descriptions. */
import { z } from "zod";
import { type Text, text } from "../text.ts";
import { ownDescription } from "./described.ts";
import { durationPattern, sizePattern } from "./quantity.ts";

type Wrapper = z.ZodDefault | z.ZodPrefault | z.ZodOptional | z.ZodNullable | z.ZodReadonly;

const isWrapper = (schema: z.core.$ZodType): schema is Wrapper =>
  schema instanceof z.ZodDefault ||
  schema instanceof z.ZodPrefault ||
  schema instanceof z.ZodOptional ||
  schema instanceof z.ZodNullable ||
  schema instanceof z.ZodReadonly;

/** A wrapper's inside (`.default()`, `.optional()`, `.transform()` …), down to what a user writes. */
export function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (isWrapper(schema)) return bare(schema.def.innerType);
  return schema instanceof z.ZodPipe ? bare(schema.def.in) : schema;
}

/** In the form a user writes; undefined when there is none. */
export function defaultOf(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.defaultValue;
  if (isWrapper(schema)) return defaultOf(schema.def.innerType);
  return undefined;
}

/** The outermost description: the one that was written for this place. */
export function descriptionOf(schema: z.core.$ZodType): Text {
  const own = ownDescription(schema);
  if (own !== undefined) return own;
  if (schema instanceof z.ZodPipe) return descriptionOf(schema.def.in);
  return isWrapper(schema) ? descriptionOf(schema.def.innerType) : text("", "");
}

/** The schema at a path of settings, or undefined where there is none. */
export function schemaAt(
  schema: z.core.$ZodType,
  path: readonly (string | number)[],
): z.core.$ZodType | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return schema;
  const inner = bare(schema);
  const next =
    inner instanceof z.ZodObject
      ? inner.shape[String(part)]
      : inner instanceof z.ZodRecord
        ? inner.def.valueType
        : inner instanceof z.ZodArray
          ? inner.def.element
          : undefined;
  return next === undefined ? undefined : schemaAt(next, rest);
}

export interface SettingSchema {
  readonly path: readonly string[];
  readonly schema: z.core.$ZodType;
}

/** Every setting, in the schema's order; an object that holds others is not one itself. */
export function settingsOf(schema: z.core.$ZodType, path: readonly string[] = []): readonly SettingSchema[] {
  const inner = bare(schema);
  return inner instanceof z.ZodObject
    ? Object.entries(inner.shape).flatMap(([key, value]) => settingsOf(value, [...path, key]))
    : [{ path, schema }];
}

/** Names allowed at a place; none where any are. */
export function keysAt(schema: z.core.$ZodType, path: readonly (string | number)[]): readonly string[] {
  const at = schemaAt(schema, path);
  const inner = at === undefined ? undefined : bare(at);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

const patternOf = (schema: z.core.$ZodType): string | undefined => {
  for (const check of schema._zod.def.checks ?? []) {
    const { def } = check._zod;
    if ("pattern" in def && def.pattern instanceof RegExp) return def.pattern.source;
  }
  return undefined;
};

const limit = (n: number | null): n is number =>
  n !== null && Number.isFinite(n) && Math.abs(n) < Number.MAX_SAFE_INTEGER;

function rangeOf({ minValue, maxValue }: z.ZodNumber): Text {
  if (!limit(minValue)) return text("", "");
  return limit(maxValue)
    ? text(`, ${minValue} to ${maxValue}`, `，${minValue} 到 ${maxValue}`)
    : text(`, at least ${minValue}`, `，不小于 ${minValue}`);
}

/** What may stand there, in a few words: `size`, `one of block, async`, `whole number, 10 to 100000`. */
export function kindOf(schema: z.core.$ZodType): Text {
  const inner = bare(schema);
  if (inner instanceof z.ZodEnum)
    return text(`one of ${inner.options.join(", ")}`, `以下之一：${inner.options.join("、")}`);
  if (inner instanceof z.ZodLiteral) {
    const only = [...inner.values].join(", ");
    return text(`only ${only}`, `只能为 ${only}`);
  }
  if (inner instanceof z.ZodBoolean) return text("true or false", "布尔值");
  if (inner instanceof z.ZodNumber) {
    const whole = inner.format === "safeint" || inner.format === "int32";
    const range = rangeOf(inner);
    return text(`${whole ? "whole number" : "number"}${range.en}`, `${whole ? "整数" : "数字"}${range.zh}`);
  }
  if (inner instanceof z.ZodString) {
    const pattern = patternOf(inner);
    if (pattern === sizePattern.source) return text("size", "大小");
    return pattern === durationPattern.source ? text("duration", "时长") : text("text", "文本");
  }
  if (inner instanceof z.ZodArray) {
    const each = kindOf(inner.def.element);
    return text(`list of ${each.en}`, `列表，每项为${each.zh}`);
  }
  if (inner instanceof z.ZodRecord) return text("map of names to values", "名称到值的映射");
  if (inner instanceof z.ZodUnion) {
    const all = inner.options
      .map(kindOf)
      .filter((k, i, every) => every.findIndex((o) => o.en === k.en) === i);
    return text(all.map((k) => k.en).join(" or "), all.map((k) => k.zh).join("或"));
  }
  return text("text", "文本");
}
