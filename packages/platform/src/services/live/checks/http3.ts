/** LV-20: edges announce HTTP/3, and QUIC answers at the port that they announce. */
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { text } from "../../../text.ts";
import { askAt } from "../../https-client.ts";
import { execMs } from "../../inside.ts";
import { patiently } from "../../patience.ts";
import type { Address } from "../../service.ts";
import { namesOf, ports } from "../names.ts";
import { routeTo } from "../operator.ts";
import { failed, header, type LiveCheck, type LiveCtx, passed, steps } from "./evidence.ts";

/** QUIC version 1 (RFC 9000, 15). */
const quicVersion1 = 1;
/** A version of the pattern 0x?a?a?a?a, which is never used but to ask which ones there are (RFC 9000, 15). */
const reservedVersion = 0x1a2a3a4a;
/** A server answers a datagram of an unknown version that is at least this long (RFC 9000, 6.1 and 14.1). */
const datagramBytes = 1200;

/** Pure. A long-header packet (RFC 9000, 17.2) of the reserved version, between connection ids of eight bytes. */
export function versionQuestion(destination: Uint8Array, source: Uint8Array): Buffer {
  const packet = Buffer.alloc(datagramBytes);
  packet[0] = 0xc0;
  packet.writeUInt32BE(reservedVersion, 1);
  packet[5] = destination.length;
  packet.set(destination, 6);
  packet[6 + destination.length] = source.length;
  packet.set(source, 7 + destination.length);
  return packet;
}

/**
 * Pure. The versions of a Version Negotiation packet (RFC 9000, 17.2.1) that answers this question: ids come back
 * exchanged. Undefined when it is another packet.
 */
export function versionsIn(
  packet: Uint8Array,
  destination: Uint8Array,
  source: Uint8Array,
): readonly number[] | undefined {
  const bytes = Buffer.from(packet);
  const head = Buffer.concat([
    Buffer.from([0, 0, 0, 0, source.length]),
    source,
    Buffer.from([destination.length]),
    destination,
  ]);
  const isLong = ((bytes[0] ?? 0) & 0x80) !== 0;
  const versions = bytes.subarray(1 + head.length);
  if (!isLong || !bytes.subarray(1, 1 + head.length).equals(head) || versions.length % 4 !== 0)
    return undefined;
  return Array.from({ length: versions.length / 4 }, (_, i) => versions.readUInt32BE(4 * i));
}

/** A datagram may be lost; more than a few are not. */
const tries = 3;

/** @throws when nothing that answers the question comes */
async function versionsAt(ctx: LiveCtx, { host, port }: Address): Promise<readonly number[]> {
  const [destination, source] = [randomBytes(8), randomBytes(8)];
  const question = versionQuestion(destination, source);
  const waitMs = patiently(ctx, 500);
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  try {
    return await new Promise((resolve, reject) => {
      let sent = 0;
      const send = () => {
        if (sent === tries) return reject(new Error(`no answer to ${tries} datagrams`));
        sent += 1;
        socket.send(question, port, host);
        timer = setTimeout(send, waitMs);
      };
      let timer: NodeJS.Timeout | undefined;
      socket.on("error", reject);
      socket.on("message", (packet) => {
        const versions = versionsIn(packet, destination, source);
        if (versions === undefined) return;
        clearTimeout(timer);
        resolve(versions);
      });
      send();
    });
  } finally {
    socket.close();
  }
}

export const http3: LiveCheck = {
  id: "live.http3",
  requirements: ["LV-20"],
  title: text(
    "Each edge announces HTTP/3, and QUIC version 1 answers at that port of the machine",
    "每个边缘节点都声明 HTTP/3，且本机的该端口有 QUIC 版本 1 应答",
  ),
  kind: "read",
  // The port that is announced is the machine's: it is asked from there, and the edges' own configuration inside.
  needs: ["net", "inside"],
  async run(ctx) {
    const { right, evidence } = await steps(async (step) => {
      const announced = header(
        await askAt(ctx, "live-edge", routeTo(ctx, "edge"), { path: "/", anonymous: true }),
        "alt-svc",
      );
      const quic = namesOf("edge").map((edge) => ({ edge, address: ctx.net.address(edge, ports.quic.name) }));
      const isOne = quic.some(({ address }) => announced.startsWith(`h3=":${address.port}"`));
      step("live-edge", `Alt-Svc ${announced || "none"}`, isOne);
      for (const { edge, address } of quic) {
        const command = ["grep", "-m1", "Alt-Svc", `/config/${edge}/nginx.conf`];
        const told = await ctx.inside?.exec(edge, command, { timeoutMs: execMs });
        step(edge, told?.stdout.trim() ?? "", told?.stdout.includes(`h3=":${address.port}"`) === true);
        const versions = await versionsAt(ctx, address);
        const read = versions.map((one) => `0x${one.toString(16).padStart(8, "0")}`).join(", ");
        step(`${address.host}:${address.port}/udp`, `QUIC versions ${read}`, versions.includes(quicVersion1));
      }
    });
    return right
      ? passed(text("QUIC version 1", "QUIC 版本 1"), evidence)
      : failed(text("not announced, or no answer", "未声明或无应答"), evidence);
  },
};
