import { rotateValue } from "../../../secrets/rotation.ts";
import { openStore } from "../../../secrets/store.ts";
import { wantedSecrets } from "../../../secrets/wanted.ts";
import { composeRotation } from "../../../targets/compose/rotation.ts";
import { text } from "../../../text.ts";
import { openPresent } from "../../mall.ts";
import { openSecrets } from "../../secrets.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Gives a password a new value: servers accept it before any client is given it, and the previous one stays accepted beside it, so that clients can go over in their own time; `mall secrets finish` then drops it. Cut at any moment, the same command goes on. What you provide yourself is never changed.",
    "为密码生成新值：服务器先接受新值，之后才提供给客户端；旧值同时有效，客户端可从容切换，之后用 mall secrets finish 停用旧值。任何时刻中断，再次运行同一命令即可继续。由您提供的密钥不会被修改。",
  ),
  examples: [
    { command: "secrets rotate mysql.app", does: text("the application's password", "轮换应用的密码") },
  ],
  arguments: {
    id: {
      required: true,
      description: text("Id of the secret", "密钥名"),
      offers: async () => wantedSecrets((await openSecrets({ file: undefined })).plan).generated,
    },
  },
  options: {},
  async run(ctx) {
    const { id } = ctx.args;
    const opened = await openPresent(ctx);
    const backend = openStore(opened.stateHome, opened.plan.mall);
    const rotation = await composeRotation({ ...opened, progress: ctx.out, signal: ctx.signal });
    const stage = await rotateValue(opened.plan, backend, id, rotation);
    ctx.out.result({ id, stage }, () =>
      ctx.out.say(
        stage === "introduced"
          ? text(
              `A new value of ${id} waits for its servers: the mall is not running. Run this again when it is.`,
              `${id} 的新值已生成，等待服务器接受：商城未运行。商城运行后请再次运行本命令。`,
            )
          : text(
              `${id} has a new value, and both are accepted. When your clients use the new one: mall secrets finish ${id}`,
              `${id} 已有新值，新旧均有效。客户端全部换用新值后，请运行：mall secrets finish ${id}`,
            ),
      ),
    );
    return undefined;
  },
});
