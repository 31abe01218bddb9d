import { finishSecretRotation } from "../../../secrets/rotation.ts";
import { openStore } from "../../../secrets/store.ts";
import { composeRotation } from "../../../targets/compose/rotation.ts";
import { text } from "../../../text.ts";
import { openPresent } from "../../mall.ts";
import { openSecrets } from "../../secrets.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Drops the value that a password had before its rotation: from then on only the new one is accepted. Only after the servers are seen to have taken the new one.",
    "停用密码轮换前的旧值，此后只接受新值。仅在确认服务器已采用新值之后执行。",
  ),
  examples: [
    { command: "secrets finish mysql.app", does: text("after your clients went over", "客户端全部换用之后") },
  ],
  arguments: {
    id: {
      required: true,
      description: text("Id of a secret that is being rotated", "正在轮换的密钥名"),
      offers: async () => {
        const { read } = await openSecrets({ file: undefined });
        return [...(await read()).values].flatMap(([id, value]) =>
          value.previous === undefined ? [] : [id],
        );
      },
    },
  },
  options: {},
  async run(ctx) {
    const { id } = ctx.args;
    const opened = await openPresent(ctx);
    const backend = openStore(opened.stateHome, opened.plan.mall);
    const rotation = await composeRotation({ ...opened, progress: ctx.out, signal: ctx.signal });
    await finishSecretRotation(opened.plan, backend, id, rotation);
    ctx.out.result({ id }, () =>
      ctx.out.say(text(`Only the new value of ${id} is accepted now.`, `现在只接受 ${id} 的新值。`)),
    );
    return undefined;
  },
});
