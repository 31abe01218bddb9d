import { describe, expect, test } from "vitest";
import { defineErrors, entry } from "../errors.ts";
import { text } from "../text.ts";
import { runCli } from "./run.ts";
import { defineVerb, type VerbSection } from "./verb.ts";
import { sections as realSections } from "./verbs.ts";

const same = (s: string) => text(s, `${s}。`);
const root = new URL("../../../..", import.meta.url).pathname;

const failing = defineErrors("test", {
  BROKEN: entry<{ name: string }>(
    "operation",
    (p) => ({ what: `${p.name} broke`, fix: "Mend it." }),
    (p) => ({ what: `${p.name} 坏了`, fix: "请修复。" }),
  ),
});

const abort = new AbortController();
const sections: readonly VerbSection[] = [
  {
    title: same("Section"),
    entries: [
      {
        name: "echo",
        summary: same("Says it back"),
        load: async () => ({
          default: defineVerb({
            description: same("Says what it was given."),
            examples: [{ command: "echo it", does: same("says it") }],
            arguments: {
              what: { required: true, description: same("what") },
              more: { variadic: true, description: same("more") },
            },
            options: {
              follow: { type: "flag", short: "f", description: same("goes on") },
              acceptLoss: { type: "flag", description: same("loses") },
              budget: { type: "flag", default: true, description: same("no budget") },
              only: { type: "list", value: "service", description: same("only") },
              count: { type: "number", value: "n", default: 3, description: same("count") },
              wait: { type: "duration", value: "time", description: same("wait") },
              kind: { type: "string", value: "kind", choices: ["a", "b"], description: same("kind") },
            },
            run: async ({ args, options, out, file }) => {
              const document = { ...args, ...options, file };
              out.result(document, () => `text ${args.what}`);
              return undefined;
            },
          }),
        }),
      },
      {
        name: "pair",
        summary: same("Two of them"),
        verbs: [
          {
            name: "fail",
            summary: same("Fails"),
            load: async () => ({
              default: defineVerb({
                description: same("Fails in one of the ways."),
                examples: [],
                arguments: {
                  how: { choices: ["known", "unknown", "unmet", "abort"], description: same("how") },
                },
                options: {},
                run: async ({ args }) => {
                  if (args.how === "known") throw failing.BROKEN({ name: "it" });
                  if (args.how === "unknown") throw new TypeError("x is not a function");
                  if (args.how === "abort") abort.abort();
                  return args.how === "unmet" ? "unmet" : undefined;
                },
              }),
            }),
          },
        ],
      },
    ],
  },
];

async function mall(argv: readonly string[], env: NodeJS.ProcessEnv = {}, of = sections) {
  const said = { out: "", err: "" };
  const code = await runCli({
    argv,
    env,
    stdout: { write: (t) => (said.out += t) },
    stderr: { write: (t) => (said.err += t) },
    root,
    sections: of,
    signal: argv.includes("abort") ? abort.signal : new AbortController().signal,
    leaveSignals: () => {},
  });
  return { code, ...said };
}

test("every kind of option and argument arrives as the verb declared it", async () => {
  const { code, out } = await mall([
    "--file",
    "a.yaml",
    "echo",
    "it",
    "--json",
    "-f",
    "--accept-loss",
    "--no-budget",
    "--only",
    "x,y",
    "--only=z",
    "--count",
    "7",
    "--wait",
    "2m",
    "--kind",
    "b",
    "more",
    "--",
    "--odd",
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    what: "it",
    more: ["more", "--odd"],
    follow: true,
    acceptLoss: true,
    budget: false,
    only: ["x", "y", "z"],
    count: 7,
    wait: 120_000,
    kind: "b",
    file: "a.yaml",
  });
});

test("what is left out has its default, and text is the default form", async () => {
  expect(await mall(["echo", "it"])).toEqual({ code: 0, out: "text it\n", err: "" });
  const { out } = await mall(["echo", "it", "--json", "--file", "b.yaml"]);
  expect(JSON.parse(out)).toEqual({
    what: "it",
    more: [],
    follow: false,
    acceptLoss: false,
    budget: true,
    only: [],
    count: 3,
    file: "b.yaml",
  });
});

describe("mistakes in the arguments", () => {
  test.each<[readonly string[], string]>([
    [
      ["ehco"],
      "[mall] USAGE_VERB: there is no command 'ehco'\n  Did you mean 'echo'? './mall --help' lists all of them.\n",
    ],
    [["xyzzy"], "[mall] USAGE_VERB: there is no command 'xyzzy'\n  './mall --help' lists all of them.\n"],
    [
      ["pair", "fial"],
      "[mall] USAGE_VERB: there is no command 'pair fial'\n  Did you mean 'fail'? './mall pair --help' lists all of them.\n",
    ],
    [
      ["echo", "a", "--acept-loss"],
      "[mall] USAGE_OPTION: unknown option '--acept-loss'\n  Did you mean '--accept-loss'? './mall echo --help' shows what this command takes.\n",
    ],
    [
      ["echo", "a", "--cuont=4"],
      "[mall] USAGE_OPTION: unknown option '--cuont'\n  Did you mean '--count'? './mall echo --help' shows what this command takes.\n",
    ],
    [
      ["--jsno", "echo"],
      "[mall] USAGE_OPTION: unknown option '--jsno'\n  Did you mean '--json'? './mall --help' shows what this command takes.\n",
    ],
    [
      ["echo"],
      "[mall] USAGE_VALUE: <what> needs a value\n  './mall echo --help' shows what this command takes.\n",
    ],
    [
      ["echo", "a", "--only"],
      "[mall] USAGE_VALUE: --only needs a value\n  './mall echo --help' shows what this command takes.\n",
    ],
    [
      ["echo", "a", "--count", "x"],
      "[mall] USAGE_VALUE: --count needs a number, got 'x'\n  './mall echo --help' shows what this command takes.\n",
    ],
    [
      ["echo", "a", "--wait", "2 weeks"],
      "[mall] USAGE_VALUE: --wait needs a duration such as 30s or 10m, got '2 weeks'\n  './mall echo --help' shows what this command takes.\n",
    ],
    [
      ["echo", "a", "--kind", "c"],
      "[mall] USAGE_VALUE: --kind needs one of a, b, got 'c'\n  './mall echo --help' shows what this command takes.\n",
    ],
    [
      ["pair", "fail", "so"],
      "[mall] USAGE_VALUE: <how> needs one of known, unknown, unmet, abort, got 'so'\n  './mall pair fail --help' shows what this command takes.\n",
    ],
    [
      ["pair", "fail", "known", "twice"],
      "[mall] USAGE_EXCESS: 'twice' is one argument too many\n  Leave it out; './mall pair fail --help' shows what this command takes.\n",
    ],
  ])("%j", async (argv, err) => {
    expect(await mall(argv)).toEqual({ code: 2, out: "", err });
  });
});

describe("how a verb ends", () => {
  test("a known error: its words and its exit code, in the user's language", async () => {
    expect(await mall(["pair", "fail", "known"])).toEqual({
      code: 4,
      out: "",
      err: "[test] BROKEN: it broke\n  Mend it.\n",
    });
    expect((await mall(["pair", "fail", "known"], { LC_ALL: "zh_CN.UTF-8" })).err).toBe(
      "[test] BROKEN: it 坏了\n  请修复。\n",
    );
    expect((await mall(["pair", "fail", "known", "--lang", "zh"])).err).toContain("坏了");
    expect((await mall(["pair", "fail", "known", "--lang=en"], { LANG: "zh_CN" })).err).toContain("broke");
  });

  test("with --json the error is the document on stdout", async () => {
    const { code, out, err } = await mall(["pair", "fail", "known", "--json"]);
    expect({ code, err }).toEqual({ code: 4, err: "" });
    expect(JSON.parse(out)).toEqual({
      error: { scope: "test", code: "BROKEN", exit: 4, what: "it broke", fix: "Mend it." },
    });
  });

  test("anything else is our own defect: no stack unless it is asked for", async () => {
    const plain = await mall(["pair", "fail", "unknown"]);
    expect(plain.code).toBe(70);
    expect(plain.err).toContain("INTERNAL: a defect of mallstack itself: x is not a function");
    expect(plain.err).not.toContain("at run");
    expect((await mall(["pair", "fail", "unknown"], { MALL_DEBUG: "1" })).err).toMatch(
      /TypeError: .*\n +at /,
    );
  });

  test("what ran and did not hold is exit code 1", async () => {
    expect((await mall(["pair", "fail", "unmet"])).code).toBe(1);
  });

  test("Ctrl-C is exit code 130 even where the verb ended without a word", async () => {
    const ended = await mall(["pair", "fail", "abort"]);
    expect(ended.code).toBe(130);
    expect(ended.err).toContain("INTERRUPTED");
  });
});

describe("help", () => {
  test("of a verb, in both languages", async () => {
    const { out } = await mall(["echo", "--help"]);
    expect(out).toMatchSnapshot();
    expect((await mall(["help", "echo", "--lang", "zh"])).out).toMatchSnapshot();
    expect((await mall(["-h", "echo"])).out).toBe(out);
    expect((await mall(["echo", "--unknown", "-h"])).out).toBe(out);
  });

  test("of a group", async () => {
    const { out } = await mall(["pair", "--help"]);
    expect(out).toContain("fail  Fails");
    expect((await mall(["pair"])).out).toBe(out);
  });

  test("without a word it is that of everything", async () => {
    const { code, out } = await mall([]);
    expect(code).toBe(0);
    expect(out).toBe((await mall(["--help"])).out);
    expect(out).toContain("echo  Says it back");
    expect(out).toContain("pair  Two of them");
  });

  test("colours only where they are wanted", async () => {
    expect((await mall(["--help"], { FORCE_COLOR: "1" })).out).toContain("\u001B[1m");
    expect((await mall(["--help", "--no-color"], { FORCE_COLOR: "1" })).out).not.toContain("\u001B[");
    expect((await mall(["--help"], { FORCE_COLOR: "1", NO_COLOR: "1" })).out).not.toContain("\u001B[");
  });
});

test("--version", async () => {
  expect((await mall(["--version"])).out).toMatch(/^mall \d+\.\d+\.\d+\n$/);
});

describe("the real verbs", () => {
  const entries = realSections.flatMap((s) => s.entries).flatMap((e) => ("verbs" in e ? e.verbs : [e]));
  test.each(entries.map((e) => [e.name, e] as const))("%s: help that stands alone", async (_name, entry) => {
    const { default: verb } = await entry.load();
    expect(verb.description.en).not.toBe("");
    expect(verb.description.zh).toMatch(/[\u4E00-\u9FFF]/);
    expect(verb.examples.length).toBeGreaterThan(0);
    const described = [...Object.values(verb.options), ...Object.values(verb.arguments)];
    for (const { description } of described) expect(description.zh).toMatch(/[\u4E00-\u9FFF]/);
  });

  test("an example of each names a real command with real options", async () => {
    for (const e of realSections.flatMap((s) => s.entries)) {
      for (const leaf of "verbs" in e ? e.verbs : [e]) {
        const { default: verb } = await leaf.load();
        const path = leaf === e ? e.name : `${e.name} ${leaf.name}`;
        for (const example of verb.examples) expect(`${example.command} `).toContain(`${path} `);
      }
    }
  });
});
