import type { MallPlan } from "../../../plan/model.ts";
import { renewBelow } from "../../../secrets/certificates.ts";
import { type CertificateList, type CertificateRow, certificateList } from "../../../secrets/overview.ts";
import type { SecretSnapshot } from "../../../secrets/store.ts";
import type { Mall } from "../../../spec/mall.ts";
import { text } from "../../../text.ts";
import type { Output } from "../../output.ts";
import { openSecrets } from "../../secrets.ts";
import { defineVerb } from "../../verb.ts";

/** The list must not hang where the agent is away. */
const agentTimeoutMs = 2_000;

export default defineVerb({
  description: text(
    "Shows each certificate: who holds it, its names, who signed it, until when, and whether the server was seen to serve it. The agent is asked for the latter; without it the rest is shown. Keys are never shown.",
    "显示每张证书：持有者、名称、签发者、到期时间，以及是否观察到服务器正在使用它（由 agent 提供；agent 无应答时显示其余内容）。从不显示私钥。",
  ),
  examples: [
    { command: "certs list", does: text("all of them", "列出全部") },
    {
      command: "certs list --json",
      does: text("for a script, fingerprints included", "供脚本使用，包含指纹"),
    },
  ],
  arguments: {},
  options: {},
  async run(ctx) {
    const { mall, plan, read } = await openSecrets(ctx);
    const snapshot = await read();
    const list = certificateList(plan, snapshot, Date.now(), await agentStates(mall, plan, snapshot));
    ctx.out.result(list, () => render(list, ctx.out));
    return undefined;
  },
});

/** States of the services as the agent knows them; none when it does not answer. */
async function agentStates(
  mall: Mall,
  plan: MallPlan,
  snapshot: SecretSnapshot,
): Promise<readonly unknown[]> {
  const { agentOf } = await import("../../../targets/compose/agent.ts");
  try {
    const agent = agentOf(mall, plan, snapshot);
    const limit = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), agentTimeoutMs).unref();
    });
    const status = await Promise.race([agent.status(), limit]).finally(() => agent.close());
    return (status?.services ?? []).map((service) => service.state);
  } catch {
    return [];
  }
}

function render(list: CertificateList, out: Output): string {
  const { colors } = out;
  const say = (en: string, zh: string): string => out.say(text(en, zh));
  const days = (row: CertificateRow): string => {
    if (row.daysLeft < 0) return colors.red(String(row.daysLeft));
    return row.due === undefined ? String(row.daysLeft) : colors.yellow(String(row.daysLeft));
  };
  const verdict = (row: CertificateRow): string => {
    switch (row.served) {
      case "served":
        return colors.green(say("served", "使用中"));
      case "stale":
        return colors.red(say("not yet", "尚未换用"));
      case "unknown":
        return "?";
      default:
        return "-";
    }
  };
  const rows = list.certificates.map((row) => [
    row.id,
    [...row.dnsNames, ...row.ipAddresses].join(" ") || row.commonName,
    row.issuer,
    row.notAfter.slice(0, 10),
    days(row),
    verdict(row),
  ]);
  const head = [
    say("certificate", "证书"),
    say("names", "名称"),
    say("signed by", "签发者"),
    say("until", "到期"),
    say("days", "剩余天数"),
    say("served", "使用情况"),
  ];
  const notes = [
    ...(list.missing.length === 0
      ? []
      : [
          say(
            `Not made yet: ${list.missing.join(", ")}. \`mall up\` makes them.`,
            `尚未签发：${list.missing.join("、")}。mall up 会签发它们。`,
          ),
        ]),
    ...(list.certificates.some((row) => row.due !== undefined)
      ? [
          say(
            `Below ${renewBelow * 100} % of its life, or no longer fitting: the next \`mall up\` issues it again.`,
            `有效期不足 ${renewBelow * 100}% 或内容不再匹配的证书，将在下次 mall up 时重新签发。`,
          ),
        ]
      : []),
    ...(list.phase === undefined || list.phase === "stable"
      ? []
      : [
          say(
            `The CA is being replaced (phase "${list.phase}"); \`mall certs rotate --ca\` goes on with it.`,
            `CA 正在更换中（阶段“${list.phase}”），用 mall certs rotate --ca 继续。`,
          ),
        ]),
  ];
  return [out.table(head, rows), ...(notes.length === 0 ? [] : ["", ...notes])].join("\n");
}
