/** A scan of every port of every instance for plaintext (GE-4). */
import { messageOf } from "../../errors.ts";
import type { Port } from "../../plan/model.ts";
import { instancesOn, type Located } from "../../plan/names.ts";
import { patiently } from "../../services/patience.ts";
import { type PlaintextAnswer, sendPlaintext } from "../../services/plaintext-probe.ts";
import { portAddress } from "../../services/port-address.ts";
import type { Address, Check, Ctx } from "../../services/service.ts";
import { dialTls } from "../../services/tls-probe.ts";
import { sideBySide } from "../../side-by-side.ts";
import { type Text, text } from "../../text.ts";
import type { ServiceInContext } from "./generic.ts";

const handshakeMs = 5_000;
/** Handshakes are the agent's own work, on a part of a core: all at once, each would take as long as all. */
const atOnce = 12;

export const portsRefusePlaintext = (services: readonly ServiceInContext[]): Check => ({
  id: "mall.ports-refuse-plaintext",
  requirements: ["GE-4"],
  title: text(
    "Every port of every instance speaks TLS and answers nothing in plaintext",
    "每个实例的每个端口都使用 TLS，且不以明文应答",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    // Over UDP there is QUIC alone, which has no plaintext form; that it answers is its own service's check.
    const ports = instancesOn(ctx.plan, "compose").flatMap((at) =>
      at.workload.ports.filter((port) => port.transport !== "udp").map((port) => ({ at, port })),
    );
    const scanned = await sideBySide(ports, atOnce, ({ at, port }) => scan(ctx, services, at, port));
    const bad = scanned.filter((s) => !s.ok && !(s.isClosed && hasLeader(scanned, s)));
    const evidence = scanned.map(({ from, read }) => ({ from, read }));
    // Nothing scanned is nothing shown.
    if (scanned.length === 0 || bad.length > 0) {
      const names = bad.map((s) => s.from);
      return {
        verdict: "fail",
        detail: text(
          `Not shown to refuse plaintext: ${names.join(", ")}`,
          `未能证明拒绝明文：${names.join("、")}`,
        ),
        evidence,
      };
    }
    const plain = scanned.filter((s) => s.port.encryption === "plain");
    if (plain.length === 0)
      return {
        verdict: "pass",
        detail: text(`${scanned.length} ports refuse plaintext`, `${scanned.length} 个端口拒绝明文`),
        evidence,
      };
    return { verdict: "deviates", detail: plainly(scanned, plain), evidence };
  },
});

/** What the plan itself wants readable is no failure, and no pass either. */
function plainly(scanned: readonly Scanned[], plain: readonly Scanned[]): Text {
  const others = scanned.length - plain.length;
  const reasons = [...new Map(plain.map((s) => [s.port.name, s])).values()];
  return text(
    `${others} ports refuse plaintext; ${reasons.map((s) => `${s.port.name} (${s.port.number}) does not: ${s.port.plainBecause?.en}`).join("; ")}`,
    `${others} 个端口拒绝明文；${reasons.map((s) => `${s.port.name}（${s.port.number}）除外：${s.port.plainBecause?.zh}`).join("；")}`,
  );
}

/** A port of whichever instance leads is closed at the others, and must be open at one. */
const hasLeader = (scanned: readonly Scanned[], closed: Scanned): boolean =>
  closed.port.onlyLeader === true &&
  scanned.some((s) => s.workload === closed.workload && s.port.name === closed.port.name && !s.isClosed);

interface Scanned {
  readonly from: string;
  readonly workload: string;
  readonly port: Port;
  /** Nothing listens there. */
  readonly isClosed: boolean;
  readonly read: string;
  readonly ok: boolean;
}

async function scan(
  ctx: Ctx,
  services: readonly ServiceInContext[],
  { instance, workload }: Located,
  port: Port,
): Promise<Scanned> {
  const about = { from: `${instance.name}:${port.number}`, workload: workload.name, port };
  if (port.encryption === "plain")
    return { ...about, read: "plaintext, as the deployment plan has it", ok: true, isClosed: false };
  try {
    const address = portAddress(ctx.net, ctx.plan, instance, port.name);
    const answer =
      port.encryption === "tls"
        ? await scanTls(ctx, address)
        : port.encryption === "dtls"
          ? await sendPlaintext(ctx, address)
          : await scanUpgrading(ctx, services, address, port);
    return { ...about, read: answer.read, ok: answer.refused, isClosed: false };
  } catch (error) {
    const read = messageOf(error);
    return { ...about, read, ok: false, isClosed: /ECONNREFUSED/.test(read) };
  }
}

/**
 * A port that answers no plaintext might just wait for more of it. So it must also shake hands with a certificate of
 * the mall's CA: then what listens there is TLS from its first byte.
 */
async function scanTls(ctx: Ctx, address: Address): Promise<PlaintextAnswer> {
  const socket = await dialTls(address, await ctx.secrets.identity(), {
    signal: ctx.signal,
    timeoutMs: patiently(ctx, handshakeMs),
  });
  const protocol = socket.getProtocol();
  socket.destroy();
  const { refused, read } = await sendPlaintext(ctx, address);
  return { refused, read: `${protocol}; plaintext: ${read}` };
}

/** Its owner, or a service that speaks the same protocol behind it, must know how to ask without TLS. */
async function scanUpgrading(
  ctx: Ctx,
  services: readonly ServiceInContext[],
  address: Address,
  port: Port,
): Promise<PlaintextAnswer> {
  const speaker = services.find(
    ({ service, ctx: own }) =>
      service.plaintextProbe !== undefined &&
      own.own.workloads.some((w) => w.ports.some((p) => p.protocol === port.protocol)),
  );
  const probe = speaker?.service.plaintextProbe;
  if (speaker === undefined || probe === undefined)
    return { refused: false, read: `no service knows how to ask ${port.protocol} without TLS` };
  return probe({ ...speaker.ctx, signal: ctx.signal, patience: ctx.patience }, address, port);
}
