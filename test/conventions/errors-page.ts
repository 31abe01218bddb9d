/** docs/errors.md, made from the catalogues themselves, so that it cannot say what the code does not. */

import { type ErrorText, exitCodes } from "../../packages/platform/src/errors.ts";
import { catalogues } from "./catalogues.ts";

/**
 * Stands for an error's parameters: whatever the text reads of it comes out as the parameter's name in ‹…›. It can be
 * called, walked, joined and added to, as the texts do with what they are given.
 */
export function placeholder(name: string): unknown {
  const shown = name === "" ? "…" : `‹${name}›`;
  const itself: unknown = new Proxy(() => itself, {
    get(_target, key) {
      if (key === Symbol.toPrimitive || key === "toString" || key === "valueOf") return () => shown;
      if (key === Symbol.iterator)
        return function* () {
          yield placeholder(name);
        };
      if (typeof key === "symbol") return undefined;
      if (key === "length") return 2;
      if (key === "map" || key === "flatMap")
        return (each: (value: unknown, index: number) => unknown) => [each(itself, 0)];
      if (key === "filter" || key === "slice" || key === "sort") return () => [itself];
      if (key === "some" || key === "every" || key === "includes") return () => true;
      if (key === "join" || key === "trim" || key === "toFixed" || key === "replaceAll" || key === "split")
        return key === "split" ? () => [shown] : () => shown;
      // A pair of texts (`expected.en`) is one parameter, not two.
      if (key === "en" || key === "zh") return placeholder(name);
      return placeholder(key);
    },
    apply: () => itself,
  });
  return itself;
}

const cell = (text: string): string =>
  text
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");

/** Parameters by which a text chooses among its own: one of them stands for all. */
const samples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  SECRET_STORE_CORRUPT: { part: "certificate" },
  DISK_FULL: { freeBytes: 0, neededBytes: 0 },
  // More than one problem, and none of them shown.
  SPEC_INVALID: { details: new Array(2) },
  SPEC_YAML: { details: new Array(2) },
};

function textOf(make: (params: never) => ErrorText, code: string): ErrorText {
  const own = samples[code] ?? {};
  const params = new Proxy(own, {
    get: (target, key) => (typeof key === "string" && key in target ? target[key] : placeholder(String(key))),
  });
  try {
    return make(params as never);
  } catch (cause) {
    throw new Error(`${code}: its text cannot be made from placeholders`, { cause });
  }
}

/** Codes of the launcher, which runs before any of this is built: its texts are in `mall` and tools/launch.mjs. */
export const launcherCodes = {
  NODE_ABSENT: [
    "machine",
    "no Node.js on the PATH",
    "PATH 中没有 Node.js",
    "Install Node.js 20.12 or newer.",
  ],
  NODE_TOO_OLD: ["machine", "Node.js is older than 20.12", "Node.js 版本低于 20.12", "Install a newer one."],
  NODE_MODULES_LINKED: [
    "refused",
    "node_modules is a link to dependencies that were not installed from this clone's package-lock.json; installing would replace them",
    "node_modules 是链接，所指的依赖并非按本克隆的 package-lock.json 安装；继续安装会替换它们",
    "Remove the link; the next command installs this clone's own.",
  ],
  SETUP_FAILED: [
    "machine",
    "installing the dependencies or building failed; the program's own words stand above",
    "安装依赖或构建失败，程序自身的输出见上文",
    "Mend what it says and run the same command again.",
  ],
} as const satisfies Record<string, readonly [keyof typeof exitCodes, string, string, string]>;

const exitTexts: Readonly<Record<keyof typeof exitCodes, readonly [string, string]>> = {
  ok: ["everything asked for was done and proven", "请求的一切均已完成并得到验证"],
  unmet: ["it ran, and a check, drill or test did not hold", "已运行，但某项检查、演练或测试未通过"],
  input: ["wrong arguments or wrong mall.yaml", "参数或 mall.yaml 有误"],
  machine: [
    "this machine lacks something: Node, an engine, memory, disk, a free port",
    "本机缺少条件：Node、引擎、内存、磁盘或空闲端口",
  ],
  operation: ["a server, an image build or the engine failed at its work", "服务器、镜像构建或引擎执行失败"],
  refused: ["refused: it would lose data, or needs `--yes`", "已拒绝：会丢失数据，或需要 `--yes`"],
  internal: ["a defect of mallstack itself", "mallstack 自身的缺陷"],
  interrupted: ["ended by Ctrl-C", "被 Ctrl-C 中断"],
};

export function errorsPage(): string {
  const head = "| code | exit | what | 含义 | what to do |\n| --- | --- | --- | --- | --- |";
  const sections = [...catalogues]
    .sort((a, b) => a.scope.localeCompare(b.scope))
    .map(({ scope, catalogue }) => {
      const rows = Object.entries(catalogue)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([code, entry]) => {
          const en = textOf(entry.en, code);
          const zh = textOf(entry.zh, code);
          return `| \`${code}\` | ${exitCodes[entry.exit]} | ${cell(en.what)} | ${cell(zh.what)} | ${cell(en.fix)} |`;
        });
      return `## ${scope}\n\n${head}\n${rows.join("\n")}\n`;
    });
  const launcher = Object.entries(launcherCodes).map(
    ([code, [exit, en, zh, fix]]) => `| \`${code}\` | ${exitCodes[exit]} | ${en} | ${zh} | ${fix} |`,
  );
  const exits = Object.entries(exitCodes).map(([kind, code]) => {
    const [en, zh] = exitTexts[kind as keyof typeof exitCodes];
    return `| ${code} | ${en} | ${zh} |`;
  });
  return `# Errors and exit codes

An error is printed as \`[scope] CODE: what. What to do\`, on stderr, in the language of \`--lang\`, else of LC_ALL or
LANG; with \`--json\` it is the document \`{ "error": { scope, code, exit, what, fix } }\` on stdout. Codes are stable,
scripts may match them; texts may improve. ‹…› stands for what differs each time. This page is made from the code:
\`npx vitest run test/conventions -u\` writes it.

## Exit codes

| exit | meaning | 含义 |
| --- | --- | --- |
${exits.join("\n")}

## launcher

${head}
${launcher.join("\n")}

${sections.join("\n")}`;
}
