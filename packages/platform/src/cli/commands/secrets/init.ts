import { ensureSecrets } from "../../../secrets/ensure.ts";
import { text } from "../../../text.ts";
import { openSecrets } from "../../secrets.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Makes what the mall needs and its store lacks: the CA, certificates, passwords. Nothing that exists is replaced, but a certificate that no longer fits or soon expires. `mall up` does the same first.",
    "生成商城所需而密钥库中缺少的内容：CA、证书和密码。除不再匹配或即将过期的证书外，不会替换任何已有内容。mall up 会先执行同样的步骤。",
  ),
  examples: [
    { command: "secrets init", does: text("before the first up, or to renew", "首次启动前，或续期时") },
  ],
  arguments: {},
  options: {},
  async run(ctx) {
    const { plan, backend } = await openSecrets(ctx);
    const { changes } = await ensureSecrets(plan, backend);
    ctx.out.result({ mall: plan.mall, store: backend.place(""), changes }, () => {
      if (changes.length === 0) {
        return ctx.out.say(text("The store holds everything already.", "密钥库已包含全部内容。"));
      }
      const rows = changes.map((one) => [
        one.kind,
        one.id,
        one.kind === "certificate" ? one.reason : "absent",
      ]);
      return ctx.out.table(
        [ctx.out.say(text("kind", "类型")), "id", ctx.out.say(text("because", "原因"))],
        rows,
      );
    });
    return undefined;
  },
});
