import { text } from "../../../text.ts";
import { checkedMall, placeOf } from "../../checked-mall.ts";
import { countText, findingsText } from "../../findings.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Checks mall.yaml: its form, every setting, and the rules of docs/rules.md. All problems are said at once, each with its place, its reason and what to do. Nothing is started. The exit code is 0 when 'mall up' would go on, else 2.",
    "检查 mall.yaml：格式、每项设置以及 docs/rules.md 中的规则。所有问题一次列出，并给出位置、原因和处理办法。不会启动任何服务。若“mall up”可以继续则退出码为 0，否则为 2。",
  ),
  examples: [
    { command: "spec check", does: text("check ./mall.yaml", "检查 ./mall.yaml") },
    { command: "spec check -f shop.yaml --json", does: text("for a script", "供脚本使用") },
  ],
  arguments: {},
  options: {},
  async run({ file, out }) {
    const { loaded, findings } = await checkedMall(file);
    const { mall } = loaded;
    const ok = !findings.some((f) => f.stops);
    out.result(
      {
        file: loaded.source.file,
        ok,
        mall: mall.site.name,
        profile: mall.site.profile,
        services: Object.keys(mall.services),
        findings: findings.map((f) => {
          const place = placeOf(loaded, f.path);
          return { ...f, ...(place === f.path ? {} : { place }) };
        }),
      },
      () => {
        const counted = countText(findings, out);
        const head = ok
          ? `${out.colors.green("✓")} ${loaded.source.file}: ${out.say(text(`mall '${mall.site.name}', profile ${mall.site.profile}`, `商城“${mall.site.name}”，规格 ${mall.site.profile}`))}`
          : `${out.colors.red("✗")} ${loaded.source.file}`;
        const list = findingsText(findings, (path) => placeOf(loaded, path), out);
        return [head + (counted === "" ? "" : `: ${counted}`), ...(list === "" ? [] : [list])].join("\n");
      },
    );
    return ok ? "ok" : "input";
  },
});
