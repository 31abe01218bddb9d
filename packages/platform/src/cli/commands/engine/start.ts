import { join } from "node:path";
import { bootUnit, startEngine } from "../../../engine/command.ts";
import { loadMallFile } from "../../../services/mall-schema.ts";
import { text } from "../../../text.ts";
import { engineText } from "../../engine-text.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Finds the Docker Engine that 'mall up' would use, and starts a private one where there is none (root on Debian or Ubuntu). 'mall up' does this by itself; this is for looking at it, and for starting it at boot.",
    "查找“mall up”将使用的 Docker 引擎；若没有则启动私有引擎（需 Debian 或 Ubuntu 的 root）。“mall up”会自动完成；此命令用于单独查看或开机启动。",
  ),
  examples: [
    { command: "engine start", does: text("find or start it", "查找或启动") },
    {
      command: "engine start --unit > /etc/systemd/system/mallstack.service",
      does: text("start it at every boot", "设置开机启动"),
    },
  ],
  arguments: {},
  options: {
    unit: {
      type: "flag",
      description: text(
        "Only print the systemd unit that starts it at boot",
        "仅输出用于开机启动的 systemd 单元",
      ),
    },
  },
  async run({ options, out, file, signal, root }) {
    if (options.unit) {
      const unit = bootUnit(join(root, "mall"));
      out.result({ unit }, () => unit);
      return undefined;
    }
    const { mall } = await loadMallFile(file);
    const status = await startEngine({ progress: out, signal, mirror: mall.site.mirrors.apt });
    out.result(status, () => engineText(status, out));
    return undefined;
  },
});
