/**
 * Every verb: its name, its summary, and how to load it. Nothing heavy may be imported here: `mall --help` is this
 * file printed. A new verb is one entry and one file in `commands/` (below a common word: `commands/<word>/`).
 */
import { text } from "../text.ts";
import type { VerbSection } from "./verb.ts";

export const sections: readonly VerbSection[] = [
  {
    title: text("Run the mall", "运行商城"),
    entries: [],
  },
  {
    title: text("See how it is", "查看状态"),
    entries: [],
  },
  {
    title: text("Use it", "使用服务"),
    entries: [],
  },
  {
    title: text("Describe it", "描述商城"),
    entries: [],
  },
  {
    title: text("Certificates and secrets", "证书与密钥"),
    entries: [],
  },
  {
    title: text("This machine", "本机"),
    entries: [
      {
        name: "completion",
        summary: text("Print the completion script of a shell", "输出命令行补全脚本"),
        load: () => import("./commands/completion.ts"),
      },
    ],
  },
];
