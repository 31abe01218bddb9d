/**
 * A schema's own message in both languages: zod carries one string, so the two travel in it, apart by a character
 * that no text has. `load.ts` takes them apart again.
 */
import { type Text, text } from "../text.ts";

const separator = "\u001F";

/** @returns what a schema takes as its error message. */
export const hint = (en: string, zh: string): string => `${en}${separator}${zh}`;

/** @returns both languages; a message without its Chinese half is used for both. */
export function readHint(message: string): Text {
  const [en = "", zh] = message.split(separator, 2);
  return text(en, zh ?? en);
}
