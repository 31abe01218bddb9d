import { join } from "node:path";
import { text } from "../../text.ts";
import { completionScript, shells } from "../completion.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Prints a script that completes commands, options and their values. The shell runs it at its start, as the examples show.",
    "输出补全脚本，可补全命令、选项及其取值。按示例在 shell 启动时加载即可。",
  ),
  examples: [
    { command: "completion bash >> ~/.bashrc", does: text("for bash", "用于 bash") },
    { command: "completion zsh >> ~/.zshrc", does: text("for zsh", "用于 zsh") },
    {
      command: "completion fish > ~/.config/fish/completions/mall.fish",
      does: text("for fish", "用于 fish"),
    },
    { command: "completion powershell >> $PROFILE", does: text("for PowerShell", "用于 PowerShell") },
  ],
  arguments: {
    shell: { required: true, choices: shells, description: text("The shell", "shell 名称") },
  },
  options: {},
  async run({ args, out, root }) {
    const script = completionScript(args.shell, join(root, "mall"));
    out.result({ shell: args.shell, script }, () => script);
    return undefined;
  },
});
