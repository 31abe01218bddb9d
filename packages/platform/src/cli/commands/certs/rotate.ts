import { rotateCertificates } from "../../../secrets/rotation.ts";
import { openStore } from "../../../secrets/store.ts";
import { wantedSecrets } from "../../../secrets/wanted.ts";
import { composeRotation } from "../../../targets/compose/rotation.ts";
import { type Text, text } from "../../../text.ts";
import { cliError } from "../../errors.ts";
import { openPresent } from "../../mall.ts";
import { openSecrets } from "../../secrets.ts";
import { defineVerb } from "../../verb.ts";

const phaseTexts: Readonly<Record<"trust" | "reissue" | "drop", Text>> = {
  trust: text("1 of 3: everyone learns to trust the new CA", "第 1/3 步：所有成员信任新 CA"),
  reissue: text("2 of 3: every certificate is issued by the new CA", "第 2/3 步：所有证书改由新 CA 签发"),
  drop: text("3 of 3: the old CA is forgotten", "第 3/3 步：不再信任旧 CA"),
};

export default defineVerb({
  description: text(
    "Issues new keys and certificates, delivers them and waits until the running servers serve them; no connection is refused meanwhile. With --ca the CA is replaced in three phases. Cut at any moment, the same command goes on. Clients outside of the mall must have read ca.crt again before the old CA is forgotten.",
    "签发新的密钥和证书，分发后等待运行中的服务器换用；其间不会拒绝任何连接。加 --ca 则分三个阶段更换 CA。任何时刻中断，再次运行同一命令即可继续。商城外部的客户端须在旧 CA 停用前重新读取 ca.crt。",
  ),
  examples: [
    { command: "certs rotate", does: text("every certificate", "更换全部证书") },
    { command: "certs rotate mysql-1", does: text("those of one instance", "更换一个实例的证书") },
    {
      command: "certs rotate --ca",
      does: text("the CA and all that it signed", "更换 CA 及其签发的全部证书"),
    },
  ],
  arguments: {
    instance: {
      variadic: true,
      description: text(
        "Instances, or certificates such as operator; left out: all",
        "实例或证书名（如 operator）；不指定则为全部",
      ),
      offers: async () =>
        wantedSecrets((await openSecrets({ file: undefined })).plan).certificates.map((one) => one.id),
    },
  },
  options: {
    ca: { type: "flag", description: text("Replace the CA", "更换 CA") },
  },
  async run(ctx) {
    const names = ctx.args.instance;
    const [first] = names;
    // A new CA is everyone's: one instance alone cannot go over to it.
    if (ctx.options.ca && first !== undefined) {
      throw cliError.USAGE_EXCESS({ value: first, help: "./mall certs rotate --help" });
    }
    const startedAt = performance.now();
    const opened = await openPresent(ctx);
    const rotation = await composeRotation({ ...opened, progress: ctx.out, signal: ctx.signal });
    const rotated = await rotateCertificates(
      ctx.options.ca ? { scope: "ca" } : { scope: "leaf", names },
      opened.plan,
      openStore(opened.stateHome, opened.plan.mall),
      rotation,
      { signal: ctx.signal, onPhase: (phase) => ctx.out.note(phaseTexts[phase]) },
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const document = { ca: ctx.options.ca, rotated, served: !rotation.isStopped, seconds };
    ctx.out.result(document, () => {
      const which = rotated.join(", ");
      const took = `${seconds.toFixed(1)} s`;
      return ctx.out.say(
        rotation.isStopped
          ? text(
              `Issued ${which} (${took}). The mall is not running; its servers use them from their next start.`,
              `已签发 ${which}（${took}）。商城未运行，服务器将在下次启动时使用新证书。`,
            )
          : text(`${which}: new and served (${took}).`, `${which}：已更换并生效（${took}）。`),
      );
    });
    return undefined;
  },
});
