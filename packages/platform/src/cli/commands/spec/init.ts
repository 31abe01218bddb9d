import { dirname, join, relative, resolve } from "node:path";
import { mallSchema, thisHost } from "../../../services/mall-schema.ts";
import { specError } from "../../../spec/errors.ts";
import { profileFor } from "../../../spec/load.ts";
import { profileNames } from "../../../spec/site.ts";
import { template } from "../../../spec/template.ts";
import { exists, writeAtomic } from "../../../state.ts";
import { text } from "../../../text.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Writes a mall.yaml with every setting, its meaning and its value, all commented out: it describes the default mall until a line is made live. A file that is there is never replaced without --force.",
    "生成 mall.yaml：包含每项设置、含义和取值，全部处于注释状态，启用某行之前即为默认商城。除非指定 --force，否则不会覆盖已有文件。",
  ),
  examples: [
    { command: "spec init", does: text("write ./mall.yaml", "生成 ./mall.yaml") },
    {
      command: "spec init --profile production -o shop.yaml",
      does: text("another size, another file", "指定规格和文件名"),
    },
  ],
  arguments: {},
  options: {
    output: {
      type: "string",
      short: "o",
      value: "file",
      default: "mall.yaml",
      description: text("Where to write it", "写入位置"),
    },
    profile: {
      type: "string",
      value: "name",
      choices: profileNames,
      description: text("Sizes to write; left out: by this machine", "采用的规格；不指定时按本机规模"),
    },
    force: { type: "flag", description: text("Replace a file that is there", "覆盖已有文件") },
  },
  async run({ options, out, root }) {
    const target = resolve(options.output);
    if (!options.force && (await exists(target))) throw specError.SPEC_EXISTS({ file: options.output });
    const profile = options.profile ?? profileFor(thisHost());
    const schemaPath = relative(dirname(target), join(root, "mall.schema.json"));
    const content = template(mallSchema(), {
      language: out.language,
      profile,
      chosen: options.profile !== undefined,
      schemaPath,
    });
    await writeAtomic(target, content, 0o644);
    out.result({ written: options.output, profile }, () =>
      out.say(
        text(
          `${options.output} is written (profile ${profile})`,
          `已生成 ${options.output}（规格 ${profile}）`,
        ),
      ),
    );
    return undefined;
  },
});
