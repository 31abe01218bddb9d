/** The line of a source that is meant, with a caret below it. */
import { displayWidth } from "../width.ts";
import type { Place } from "./yaml.ts";

export function excerpt(text: string, place: Place): string {
  const line = (text.split("\n")[place.line - 1] ?? "").replaceAll("\t", " ").trimEnd();
  const number = String(place.line).padStart(5);
  const before = " ".repeat(displayWidth(line.slice(0, place.column - 1)));
  const meant = line.slice(place.column - 1, place.column - 1 + place.length);
  return `${number} | ${line}\n      | ${before}${"^".repeat(Math.max(1, displayWidth(meant)))}`;
}
