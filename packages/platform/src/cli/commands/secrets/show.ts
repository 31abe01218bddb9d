import { secretError } from "../../../secrets/errors.ts";
import { externalKey, knownIds, valueKey } from "../../../secrets/store.ts";
import { holdersOf, wantedSecrets } from "../../../secrets/wanted.ts";
import { text } from "../../../text.ts";
import { openSecrets } from "../../secrets.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Shows where a password is and who holds it. Its value is printed with --reveal only, and to a terminal only: a program reads the file.",
    "显示密码所在文件及其持有者。仅在加 --reveal 且输出到终端时才显示值；程序应读取该文件。",
  ),
  examples: [
    { command: "secrets show mysql.root", does: text("its file", "查看文件位置") },
    { command: "secrets show mysql.root --reveal", does: text("its value, to you", "向您显示其值") },
  ],
  arguments: {
    id: {
      required: true,
      description: text("Id of the secret", "密钥名"),
      offers: async () => {
        const wanted = wantedSecrets((await openSecrets({ file: undefined })).plan);
        return [...wanted.generated, ...wanted.external];
      },
    },
  },
  options: {
    reveal: { type: "flag", description: text("Print the value, on a terminal", "在终端上显示值") },
  },
  async run(ctx) {
    const { id } = ctx.args;
    const { plan, backend, read } = await openSecrets(ctx);
    const wanted = wantedSecrets(plan);
    const isExternal = wanted.external.includes(id);
    if (!isExternal && !wanted.generated.includes(id)) {
      throw secretError.SECRET_UNKNOWN({ id, known: knownIds({ ...wanted, certificates: [] }) });
    }
    const file = backend.place(isExternal ? externalKey(id) : valueKey(id));
    if (ctx.options.reveal && (!ctx.out.interactive || ctx.out.json)) {
      throw secretError.SECRET_NOT_TO_A_PIPE({ id, file });
    }
    const value = (await read()).values.get(id);
    if (value === undefined) throw secretError.SECRET_ABSENT({ id, file });
    const holders = holdersOf(plan, id);
    const rotating = value.previous !== undefined;
    ctx.out.result({ id, file, holders, rotating }, () =>
      ctx.options.reveal ? value.current : `${file}\n${holders.join(" ")}`,
    );
    return undefined;
  },
});
