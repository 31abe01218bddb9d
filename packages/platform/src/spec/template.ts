/** A first mall.yaml: every setting with its meaning, the usual value of this machine's profile commented out. */
import { stringify } from "yaml";
import { z } from "zod";
import type { Language } from "../errors.ts";
import { type Text, text } from "../text.ts";
import { wrap } from "../width.ts";
import type { MallSchema } from "./compose.ts";
import type { ProfileName } from "./site.ts";
import { bare, defaultOf, descriptionOf, settingsOf } from "./walk.ts";

const written = (value: unknown): string =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trimEnd();

const valueIn = (tree: Readonly<Record<string, unknown>> | undefined, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, part) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[part] : undefined),
    tree,
  );

const head: readonly Text[] = [
  text(
    "What this mall is. Every line that is commented out shows the value that holds without it.",
    "本商城的描述。被注释掉的每一行所显示的，是没有该行时生效的值。",
  ),
  text(
    "'./mall spec check' checks this file, './mall spec explain' shows what is in effect and why.",
    "“./mall spec check”检查此文件，“./mall spec explain”显示生效的值及其来源。",
  ),
];

/**
 * @param language that of the comments
 * @param profile what the commented values are those of; written itself only when the user chose it
 * @param schemaPath path of mall.schema.json for editors, as seen from the new file
 */
export function template(
  of: MallSchema,
  at: {
    readonly language: Language;
    readonly profile: ProfileName;
    readonly chosen: boolean;
    readonly schemaPath: string;
  },
): string {
  const lines: string[] = [
    `# yaml-language-server: $schema=${at.schemaPath}`,
    ...head.map((line) => `# ${line[at.language]}`),
    "",
  ];
  const describe = (schema: z.core.$ZodType, indent: string): void => {
    for (const line of wrap(descriptionOf(schema)[at.language], 96 - indent.length))
      if (line !== "") lines.push(`${indent}# ${line}`);
  };
  const visit = (schema: z.core.$ZodType, path: readonly string[], indent: string): void => {
    const inner = bare(schema);
    if (!(inner instanceof z.ZodObject)) return;
    for (const [key, child] of Object.entries(inner.shape)) {
      const own = [...path, key];
      const held = bare(child);
      if (held instanceof z.ZodObject) {
        lines.push("");
        describe(child, indent);
        // A group's name is never commented out: below it a line can be made live by itself.
        lines.push(`${indent}${key}:`);
        visit(child, own, `${indent}  `);
        continue;
      }
      describe(child, indent);
      const service = own[0] === "services" ? of.services.find((s) => s.name === own[1]) : undefined;
      const value =
        own.length === 1 && key === "profile"
          ? at.profile
          : (valueIn(service?.profiles[at.profile], own.slice(2)) ?? defaultOf(child));
      const live = own.length === 1 && key === "profile" && at.chosen;
      lines.push(`${indent}${live ? "" : "# "}${key}:${value === undefined ? "" : ` ${written(value)}`}`);
    }
  };
  visit(of.schema, [], "");
  return `${lines.join("\n")}\n`;
}

/** Settings that a template shows without a value: there is none until a user gives it. */
export const withoutValue = (of: MallSchema): readonly string[] =>
  settingsOf(of.schema)
    .filter((s) => defaultOf(s.schema) === undefined)
    .map((s) => s.path.join("."));
