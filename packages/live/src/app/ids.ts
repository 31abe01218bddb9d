/** Ids that sort by when they were made: a letter, the ms since the epoch and four random places, all in base 36. */
import { randomInt } from "node:crypto";

export function newId(letter: "b" | "p", now: number): string {
  const random = randomInt(36 ** 4)
    .toString(36)
    .padStart(4, "0");
  return `${letter}${now.toString(36)}${random}`;
}
