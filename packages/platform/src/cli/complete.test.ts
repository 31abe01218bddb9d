import { expect, test } from "vitest";
import { text } from "../text.ts";
import { candidates } from "./complete.ts";
import { defineVerb, type VerbSection } from "./verb.ts";

const same = (s: string) => text(s, s);
const load = async () => ({
  default: defineVerb({
    description: same(""),
    examples: [],
    arguments: { service: { variadic: true, offers: async () => ["alpha", "beta"], description: same("") } },
    options: {
      output: { type: "string", short: "o", value: "dir", description: same("where to") },
      kind: { type: "string", value: "kind", choices: ["one", "two"], description: same("which") },
      only: { type: "list", value: "x", choices: ["p", "q"], description: same("only") },
    },
    run: async () => undefined,
  }),
});
const sections: readonly VerbSection[] = [
  {
    title: same("t"),
    entries: [
      { name: "start", summary: same("starts"), load },
      { name: "stop", summary: same("stops"), load },
      { name: "spec", summary: same("spec"), verbs: [{ name: "check", summary: same("checks"), load }] },
    ],
  },
];
const at = (...words: string[]) => candidates(sections, words, "en");

test.each<[readonly string[], readonly string[]]>([
  [["st"], ["start\tstarts", "stop\tstops"]],
  [["--file", "x.yaml", "sto"], ["stop\tstops"]],
  [["spec", ""], ["check\tchecks"]],
  [["nothing", ""], []],
  [
    ["start", ""],
    ["alpha", "beta"],
  ],
  [["start", "alpha", "b"], ["beta"]],
  [["start", "--kind", "one", "al"], ["alpha"]],
  [["start", "--ki"], ["--kind\twhich"]],
  [["start", "--kind", "one", "--ki"], []],
  [["start", "--only", "p", "--on"], ["--only\tonly"]],
  [["start", "--kind", "t"], ["two"]],
  [["start", "--kind", "=", "t"], ["two"]],
  [
    ["start", "--kind", "="],
    ["one", "two"],
  ],
  [["start", "--kind=t"], ["--kind=two"]],
  [["start", "-o", "x"], [":files"]],
  [["-f", ""], [":files"]],
  [
    ["start", "--lang", ""],
    ["en", "zh"],
  ],
])("%j", async (words, expected) => {
  expect(await at(...words)).toEqual(expected);
});
