/**
 * What a setting means, in both languages. The English is zod's own description, which the JSON schema takes to editors;
 * the Chinese is kept beside it, where the JSON schema does not look.
 */
import { z } from "zod";
import { type Text, text } from "../text.ts";

const chinese = z.registry<{ readonly zh: string }>();

/** @returns the schema with its meaning; takes the place of `.describe()` and, like it, comes last. */
export function described<S extends z.ZodType>(schema: S, en: string, zh: string): S {
  const made = schema.describe(en);
  chinese.add(made, { zh });
  return made;
}

/** What was said of this very schema, not of one inside it. English alone is used for both. */
export function ownDescription(schema: z.core.$ZodType): Text | undefined {
  const en = schema instanceof z.ZodType ? schema.description : undefined;
  return en === undefined ? undefined : text(en, chinese.get(schema)?.zh ?? en);
}
