import { servicesOf } from "../../services/plan-mall.ts";
import { text } from "../../text.ts";
import { type Connection, connectionsTo } from "../connect.ts";
import { cliError } from "../errors.ts";
import { openMall } from "../mall.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Prints what a client on this machine needs to reach a service: address, user, the files of the password and of the CA, and the address map of a cluster. Passwords themselves are never printed.",
    "输出本机客户端访问服务所需的设置：地址、用户、密码文件与 CA 文件，以及集群的地址映射。从不输出密码本身。",
  ),
  examples: [
    { command: "connect", does: text("every service", "全部服务") },
    { command: "connect mysql --env", does: text("as variables for a shell", "以环境变量形式输出") },
    { command: "connect --json", does: text("for a program", "供程序使用") },
  ],
  arguments: { service: { description: text("A service", "服务名") } },
  options: {
    env: { type: "flag", description: text("As NAME=value lines", "以 NAME=value 形式输出") },
  },
  async run(ctx) {
    const opened = await openMall(ctx);
    const chosen = servicesOf(opened.mall).filter(
      (service) => service.connect !== undefined && (ctx.args.service ?? service.name) === service.name,
    );
    if (chosen.length === 0) {
      const known = servicesOf(opened.mall).filter((s) => s.connect !== undefined);
      throw cliError.TARGET_UNKNOWN({ target: ctx.args.service ?? "", known: known.map((s) => s.name) });
    }
    const infos = await connectionsTo(opened, chosen);
    ctx.out.result({ services: infos }, () =>
      infos
        .map((info) => (ctx.options.env ? asVariables(info) : asText(info)))
        .join(ctx.options.env ? "\n" : "\n\n"),
    );
    return undefined;
  },
});

const valueText = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);

const asText = (info: Connection): string =>
  [info.title, ...Object.entries(info.settings).map(([key, value]) => `  ${key}: ${valueText(value)}`)].join(
    "\n",
  );

/** `mysql-primary` and `passwordFile` give MYSQL_PRIMARY_PASSWORD_FILE; values are quoted for a POSIX shell. */
const asVariables = (info: Connection): string =>
  Object.entries(info.settings)
    .map(([key, value]) => {
      const name = `${info.title}_${key.replaceAll(/[A-Z]/g, (c) => `_${c}`)}`
        .toUpperCase()
        .replaceAll(/[^A-Z0-9]+/g, "_");
      return `${name}='${valueText(value).replaceAll("'", "'\\''")}'`;
    })
    .join("\n");
