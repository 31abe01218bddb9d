/** LV-6, LV-10: which addresses an edge opens, and each of those that it does not. */
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import type { Answer } from "../../https-client.ts";
import { anyReferer } from "../edge-spec.ts";
import { namesOf } from "../names.ts";
import {
  deviates,
  failed,
  header,
  type LiveCheck,
  type LiveCtx,
  passed,
  type Step,
  steps,
  view,
} from "./evidence.ts";
import { bare, manners, type Playable, signer, withStream } from "./stream.ts";

const title = {
  dialects: text(
    "Addresses signed in their path, and as nginx, Tencent Cloud and Alibaba Cloud sign them, are taken",
    "接受路径签名的地址，以及 nginx、腾讯云与阿里云三种方式签名的地址",
  ),
  refused: text(
    "No signature, an expired, an altered and another stream's are refused, and so are foreign pages, for segments as for playlists",
    "无签名、过期、被篡改及属于其他直播的签名，以及其他网站的页面一律被拒绝，分片与播放列表相同",
  ),
};

const objects = ({ master, media, segment }: Playable) => ({
  "master playlist": bare(master),
  playlist: bare(media),
  segment: bare(segment),
});

export const signatureDialects: LiveCheck = {
  id: "live.signature-dialects",
  requirements: ["LV-6"],
  title: title.dialects,
  kind: "scratch",
  needs: ["net"],
  waitsMs: 2_000,
  async run(ctx) {
    const { right, evidence } = await steps((step) =>
      withStream(ctx, async (stream) => {
        for (const manner of manners) {
          const signed = await signer(ctx, stream.room.name, manner);
          for (const edge of namesOf("edge")) {
            const paths = Object.values(objects(stream)).map(signed);
            const got = await Promise.all(paths.map((path) => view(ctx, edge, path)));
            const read = got.map((one) => `${one.status}`).join(", ");
            step(
              edge,
              `${manner}: playlists and segment ${read}`,
              got.every(({ status }) => status === 200),
            );
          }
        }
      }),
    );
    return right
      ? passed(text(`${manners.length} ways`, `${manners.length} 种签名方式`), evidence)
      : failed(text("not taken", "未被接受"), evidence);
  },
};

export const hotlinks: LiveCheck = {
  id: "live.hotlinks-refused",
  requirements: ["LV-10"],
  title: title.refused,
  kind: "scratch",
  needs: ["net"],
  waitsMs: 2_000,
  async run(ctx) {
    const ruled = !ctx.spec.edge.referers.includes(anyReferer);
    const { right, evidence } = await steps((step) =>
      withStream(ctx, (stream) =>
        Promise.all(namesOf("edge").map((edge) => turnedAway(ctx, step, edge, stream))).then(() => undefined),
      ),
    );
    if (!right) return failed(text("not refused", "未被拒绝"), evidence);
    return ruled
      ? passed(text("each refused by its reason", "均按原因拒绝"), evidence)
      : deviates(
          text(
            "each refused by its reason; any page may play, by services.live.edge.referers",
            "均按原因拒绝；按 services.live.edge.referers 的设置，任何页面都可播放",
          ),
          evidence,
        );
  },
};

/** A page that is certainly nobody's, and a name under which an edge may be asked (RFC 2606, 2). */
const foreignPage = "https://foreign.example/";
const ownHost = "edge.example";

async function turnedAway(ctx: LiveCtx, step: Step, edge: InstanceName, stream: Playable): Promise<void> {
  const { name } = stream.room;
  for (const [object, path] of Object.entries(objects(stream))) {
    const got = await view(ctx, edge, path);
    step(edge, `${object}, missing: ${said(got)}`, refusedAs(got, "missing"));
  }
  const past = Math.floor(ctx.now() / 1_000) - 60;
  for (const manner of ["path", "nginx"] as const) {
    const genuine = await signer(ctx, name, manner);
    const cases = {
      expired: await signer(ctx, name, manner, past),
      altered: (path: string) => altered(genuine(path)),
      "altered (another stream's)": await signer(ctx, `${name}-other`, manner),
    };
    for (const [object, path] of Object.entries(objects(stream))) {
      const what = `${manner}: ${object}`;
      const open = await view(ctx, edge, genuine(path));
      step(edge, `${what}, genuine: ${open.status}`, open.status === 200);
      for (const [wanted, signed] of Object.entries(cases)) {
        const got = await view(ctx, edge, signed(path));
        step(edge, `${what}, ${wanted}: ${said(got)}`, refusedAs(got, wanted.replace(/ .*/, "")));
      }
      if (ctx.spec.edge.referers.includes(anyReferer)) continue;
      const own = { host: ownHost, referer: `https://${ownHost}/` };
      const { status } = await view(ctx, edge, genuine(path), own);
      step(edge, `${what}, from the edge's own page: ${status}`, status === 200);
      const got = await view(ctx, edge, genuine(path), { referer: foreignPage });
      step(edge, `${what}, from ${foreignPage}: ${said(got)}`, refusedAs(got, "referer"));
    }
  }
}

const said = (answer: Answer): string => `${answer.status} ${header(answer, "x-refused")}`;
const refusedAs = (answer: Answer, code: string): boolean =>
  answer.status === 403 && header(answer, "x-refused") === code;

/** Pure. The same address but for one character of its signature's digest. */
export const altered = (address: string): string =>
  address.replace(/(?<=[?]md5=|[/]~(?:[0-9a-f]+[.]){3})./, (first) => (first === "A" ? "B" : "A"));
