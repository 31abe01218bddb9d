import { engineStatus } from "../../../engine/command.ts";
import { text } from "../../../text.ts";
import { engineText } from "../../engine-text.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Shows which Docker Engine this mall uses and how the private one is. Changes nothing. The exit code is 1 when no engine runs.",
    "显示商城使用的 Docker 引擎以及私有引擎的状态，不做任何更改。没有引擎运行时退出码为 1。",
  ),
  examples: [
    { command: "engine status", does: text("for a person", "文本形式") },
    { command: "engine status --json", does: text("for a script", "供脚本使用") },
  ],
  arguments: {},
  options: {},
  async run({ out }) {
    const status = await engineStatus();
    out.result(status, () => engineText(status, out));
    return status.used === undefined ? "unmet" : undefined;
  },
});
