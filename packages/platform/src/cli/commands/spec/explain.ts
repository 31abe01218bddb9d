import { nearest } from "../../../nearest.ts";
import { loadMallFile, mallSchema } from "../../../services/mall-schema.ts";
import { specError } from "../../../spec/errors.ts";
import { explain, type Setting } from "../../../spec/explain.ts";
import { text } from "../../../text.ts";
import { wrap } from "../../../width.ts";
import { defineVerb } from "../../verb.ts";

const origins = {
  user: text("set here", "已设置"),
  profile: text("by the profile", "来自规格"),
  service: text("asked for by another service", "由其他服务要求"),
  default: text("default", "默认"),
} as const;

export default defineVerb({
  description: text(
    "Lists every setting with its effective value, where that comes from (mall.yaml, the profile, another service or the default) and what it means. With a path only what is below it.",
    "列出每项设置的生效值、来源（mall.yaml、规格、其他服务或默认值）和含义。给出路径时只列出其下的设置。",
  ),
  examples: [
    { command: "spec explain", does: text("everything", "全部设置") },
    { command: "spec explain services", does: text("all services", "所有服务") },
    { command: "spec explain portBase", does: text("one setting", "单项设置") },
  ],
  arguments: { path: { description: text("A setting or a group of them", "设置项或设置组的路径") } },
  options: {
    set: {
      type: "flag",
      description: text("Only what mall.yaml itself sets", "只列出 mall.yaml 中写明的设置"),
    },
  },
  async run({ args, options, file, out }) {
    const loaded = await loadMallFile(file);
    const all = explain(loaded, mallSchema());
    const { path } = args;
    const within = (s: Setting): boolean =>
      path === undefined || s.path === path || s.path.startsWith(`${path}.`);
    const inPath = all.filter(within);
    if (path !== undefined && inPath.length === 0) {
      const known = [
        ...new Set(all.flatMap((s) => s.path.split(".").map((_, i, p) => p.slice(0, i + 1).join(".")))),
      ];
      throw specError.SPEC_PATH({ path, suggestion: nearest(path, known) });
    }
    const shown = inPath.filter((s) => !options.set || s.from === "user");
    const { colors } = out;
    const entry = (s: Setting): string => {
      const value =
        s.value === undefined
          ? colors.dim(out.say(text("not set", "未设置")))
          : colors.cyan(JSON.stringify(s.value));
      const place = `${loaded.source.file}:${s.line}`;
      const from =
        s.from === "user"
          ? text(place, place)
          : s.path === "profile"
            ? text("by this machine's size", "按本机规模")
            : origins[s.from];
      const beside = text(` (${from.en}; ${s.kind.en})`, `（${from.zh}；${s.kind.zh}）`);
      const about = wrap(out.say(s.description), Math.min(100, out.width) - 4).filter((l) => l !== "");
      return [
        `${colors.bold(s.path)}: ${value}${colors.dim(out.say(beside))}`,
        ...about.map((line) => `    ${line}`),
      ].join("\n");
    };
    out.result({ file: loaded.source.file, settings: shown }, () => shown.map(entry).join("\n"));
    return undefined;
  },
});
