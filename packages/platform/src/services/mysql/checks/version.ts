import { text } from "../../../text.ts";
import { reachableNodes } from "../state.ts";
import { parseVersion, supportOf } from "../version.ts";
import { deviates, failed, type MysqlCheck, passed, rolesNow } from "./evidence.ts";

/** MY-1: by the servers' own word, alike on all nodes. */
export const version: MysqlCheck = {
  id: "mysql.version",
  requirements: ["MY-1"],
  title: text("One supported MySQL version on all nodes", "所有节点运行同一受支持的 MySQL 版本"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { state, absent } = await rolesNow(ctx);
    const nodes = reachableNodes(state);
    const evidence = [...nodes.map((n) => ({ from: n.name, read: `@@version=${n.version}` })), ...absent];
    const versions = new Set(nodes.map((node) => node.version));
    const [only] = versions;
    const parsed = parseVersion(only ?? "");
    if (absent.length > 0 || versions.size !== 1 || supportOf(parsed) !== "supported") {
      return failed(
        text(
          "not all nodes run one version that this configuration is made for (8.4 or 9.7)",
          "并非所有节点都运行本配置适用的同一版本（8.4 或 9.7）",
        ),
        evidence,
      );
    }
    return parsed?.major === 8
      ? passed(text(`MySQL ${only} on all nodes`, `所有节点均为 MySQL ${only}`), evidence)
      : deviates(
          text(
            `MySQL ${only}: 9.7 is the long-term line after 8.4 and the only MySQL in a package registry; images.mysql takes an official 8.4`,
            `MySQL ${only}：9.7 是 8.4 之后的长期支持版本，也是软件包仓库中唯一的 MySQL；images.mysql 可指定官方 8.4`,
          ),
          evidence,
        );
  },
};
