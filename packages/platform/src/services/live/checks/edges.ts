/** LV-4, LV-5, LV-9: what edges compress, what they keep, and by which TLS they answer. */
import { connect } from "node:tls";
import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import { patiently } from "../../patience.ts";
import { sendPlaintext } from "../../plaintext-probe.ts";
import { namesOf, ports } from "../names.ts";
import {
  failed,
  header,
  type LiveCheck,
  type LiveCtx,
  passed,
  type Step,
  steps,
  until,
  view,
} from "./evidence.ts";
import { bare, playable, withStream } from "./stream.ts";

/** Viewers of one segment at the same time. */
const together = 8;
/** A playlist that an edge hands out is at most this old. */
const playlistAgeMs = 1_000;

export const cached: LiveCheck = {
  id: "live.compressed-and-cached",
  requirements: ["LV-4", "LV-5"],
  title: text(
    "Pages are compressed, playlists and segments never; an edge fetches a segment once, and a playlist anew each second",
    "网页经压缩，播放列表与分片从不压缩；每个分片边缘节点只回源一次，播放列表每秒更新",
  ),
  kind: "scratch",
  needs: ["net"],
  waitsMs: 4_000,
  async run(ctx) {
    const { right, evidence } = await steps((step) =>
      withStream(ctx, async ({ room }) => {
        await Promise.all(namesOf("edge").map((edge) => compressed(ctx, step, edge, room)));
        await Promise.all(namesOf("edge").map((edge) => kept(ctx, step, edge, room)));
      }),
    );
    return right
      ? passed(text("as planned", "符合规划"), evidence)
      : failed(text("not as planned", "与规划不符"), evidence);
  },
};

type InRoom = Parameters<typeof playable>[2];

async function compressed(ctx: LiveCtx, step: Step, edge: InstanceName, room: InRoom): Promise<void> {
  const { master, media, segment } = await playable(ctx, edge, room);
  const asked = { "accept-encoding": "gzip" };
  // The page itself is smaller than what is worth compressing.
  const script = /src="(\/assets\/[^"]+)"/.exec((await view(ctx, edge, "/")).text)?.[1] ?? "/";
  const asset = await view(ctx, edge, script, asked);
  const encoding = header(asset, "content-encoding");
  step(edge, `${script}: ${asset.status}, Content-Encoding ${encoding || "none"}`, encoding === "gzip");
  for (const [what, path] of Object.entries({ "master playlist": master, playlist: media, segment })) {
    const got = await view(ctx, edge, path, asked);
    const is = header(got, "content-encoding");
    step(edge, `${what}: ${got.status}, Content-Encoding ${is || "none"}`, got.status === 200 && is === "");
  }
}

async function kept(ctx: LiveCtx, step: Step, edge: InstanceName, room: InRoom): Promise<void> {
  const askTogether = (path: string) =>
    Promise.all(Array.from({ length: together }, () => view(ctx, edge, path)));
  const { segment: known } = await playable(ctx, edge, room);
  // Connections are there by then: who first has to shake hands would come too late to be one of those at once.
  await askTogether(known);
  // One that nobody has asked this edge for.
  const fresh = await until(ctx, "a new segment", 5_000, async () => {
    const { segment } = await playable(ctx, edge, room);
    // By its path: the signature of the same one is another one each second.
    return bare(segment) === bare(known) ? undefined : segment;
  });
  const answers = await askTogether(fresh);
  const fetched = answers.filter((one) => header(one, "x-cache") !== "HIT").length;
  step(edge, `${together} ask for one segment at once: ${fetched} fetched`, fetched === 1);
  const [first] = answers;
  const age = first === undefined ? "" : header(first, "cache-control");
  step(edge, `segment: Cache-Control ${age}`, /max-age=[1-9]\d{2,}/.test(age));
  const again = await view(ctx, edge, fresh);
  step(edge, `the same again: X-Cache ${header(again, "x-cache")}`, header(again, "x-cache") === "HIT");
  const { media } = await playable(ctx, edge, room);
  const begun = performance.now();
  await view(ctx, edge, media);
  await until(ctx, "the playlist fetched anew", playlistAgeMs, async () => {
    const got = await view(ctx, edge, media);
    return header(got, "x-cache") === "HIT" ? undefined : true;
  });
  const ms = Math.round(performance.now() - begun);
  step(edge, `playlist fetched anew after ${ms} ms`, ms <= patiently(ctx, playlistAgeMs));
}

/** The server's own words; a client's library that does not begin at all shows nothing. */
const refusal = /alert protocol version|alert handshake failure|unsupported protocol|ECONNRESET|closed/i;

export const tls: LiveCheck = {
  id: "live.tls",
  requirements: ["LV-9"],
  title: text(
    "Edges play over TLS 1.2 and 1.3; TLS 1.1 and plaintext are refused",
    "边缘节点支持 TLS 1.2 与 1.3，拒绝 TLS 1.1 与明文",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence } = await steps(async (step) => {
      for (const edge of namesOf("edge")) {
        for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
          const read = await shaken(ctx, edge, version);
          step(edge, `${version}: ${read}`, read === version);
        }
        const old = await shaken(ctx, edge, "TLSv1.1");
        step(edge, `TLSv1.1: ${old}`, refusal.test(old));
        const plain = await sendPlaintext(ctx, ctx.net.address(edge, ports.https.name));
        step(edge, `plaintext: ${plain.read}`, plain.refused);
      }
    });
    return right
      ? passed(text("1.2 and 1.3 alone", "仅 1.2 与 1.3"), evidence)
      : failed(text("not as planned", "与规划不符"), evidence);
  },
};

/** The version that was agreed on, or the reason why none was. */
async function shaken(
  ctx: LiveCtx,
  edge: InstanceName,
  version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3",
): Promise<string> {
  const { host, port, serverName } = ctx.net.address(edge, ports.https.name);
  const { ca } = await ctx.secrets.identity();
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      servername: serverName,
      ca,
      minVersion: version,
      maxVersion: version,
      // OpenSSL offers nothing older than 1.2 by itself (SSL_CTX_set_security_level, level 0).
      ...(version === "TLSv1.1" ? { ciphers: "DEFAULT:@SECLEVEL=0" } : {}),
    });
    const end = (read: string) => {
      socket.destroy();
      resolve(read);
    };
    socket.setTimeout(patiently(ctx, 3_000), () => end("no answer"));
    socket.once("secureConnect", () => end(socket.getProtocol() ?? "no version"));
    socket.once("error", (error) => end(messageOf(error).replace(/^.*routines:|\s+$/g, "")));
    socket.once("close", () => end("closed"));
  });
}
