import { mallSchema } from "../../../services/mall-schema.ts";
import { jsonSchemaText } from "../../../spec/json-schema.ts";
import { writeAtomic } from "../../../state.ts";
import { text } from "../../../text.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Prints the JSON schema of mall.yaml. Editors complete and check the file by it; 'mall spec init' writes the line that points them there.",
    "输出 mall.yaml 的 JSON Schema，供编辑器补全和校验；“mall spec init”会写入指向它的一行。",
  ),
  examples: [
    { command: "spec schema", does: text("print it", "输出到终端") },
    { command: "spec schema -o mall.schema.json", does: text("write it to a file", "写入文件") },
  ],
  arguments: {},
  options: {
    output: { type: "string", short: "o", value: "file", description: text("Write it there", "写入该文件") },
  },
  async run({ options, out }) {
    const schema = jsonSchemaText(mallSchema());
    if (options.output === undefined) out.result(JSON.parse(schema), () => schema);
    else {
      await writeAtomic(options.output, schema, 0o644);
      out.result({ written: options.output }, () => options.output ?? "");
    }
    return undefined;
  },
});
