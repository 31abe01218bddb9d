/** ES-6, ES-7, ES-11: what new indices are made with, and that Chinese is found. */
import { formatDuration } from "../../../spec/units.ts";
import { text } from "../../../text.ts";
import type { Ctx, Evidence } from "../../service.ts";
import { ask, askFor, reasonOf } from "../client.ts";
import { templateName } from "../names.ts";
import { replicasOf, shardsOf } from "../sizing.ts";
import type { ElasticsearchSpec, TemplateSpec } from "../spec.ts";
import {
  anyNode,
  type ElasticsearchCheck,
  failed,
  isScratch,
  passed,
  scratchName,
  withIndex,
} from "./evidence.ts";

interface IndexSettings {
  readonly refresh_interval?: string;
  readonly number_of_shards?: string;
  readonly number_of_replicas?: string;
}

/** The name of an index that a template is for; undefined where its patterns leave none to choose. */
export function indexFor(template: TemplateSpec, name: string): string | undefined {
  const pattern = template.patterns.find(
    (p) => p.endsWith("*") && p.indexOf("*") === p.length - 1 && p.length > 1,
  );
  return pattern === undefined ? undefined : `${pattern.slice(0, -1).replace(/-$/, "")}-${name}`;
}

/** What an index of a template's would be made with, by the server's own simulation. */
async function simulated(
  ctx: Ctx<ElasticsearchSpec>,
  from: string,
  template: TemplateSpec,
): Promise<IndexSettings | undefined> {
  const index = indexFor(template, "mall-check");
  if (index === undefined) return undefined;
  const answer = await askFor<{
    readonly template?: { readonly settings?: { readonly index?: IndexSettings } };
  }>(ctx, from, { method: "POST", path: `/_index_template/_simulate_index/${index}` });
  return answer.template?.settings?.index ?? {};
}

const overTemplates = async (
  ctx: Ctx<ElasticsearchSpec>,
  judge: (
    template: TemplateSpec,
    settings: IndexSettings,
  ) => { readonly right: boolean; readonly read: string },
): Promise<{ readonly right: boolean; readonly evidence: readonly Evidence[] }> => {
  const from = await anyNode(ctx);
  const looks = await Promise.all(
    Object.entries(ctx.spec.templates).map(async ([name, template]) => {
      const settings = await simulated(ctx, from, template);
      const { right, read } =
        settings === undefined
          ? { right: false, read: "its patterns end in no *, so no index can be thought of" }
          : judge(template, settings);
      return { right, evidence: { from: templateName(name), read } };
    }),
  );
  return { right: looks.length > 0 && looks.every((l) => l.right), evidence: looks.map((l) => l.evidence) };
};

export const refreshInterval: ElasticsearchCheck = {
  id: "elasticsearch.refresh-interval",
  requirements: ["ES-6"],
  title: text("New indices are refreshed as often as planned", "新索引按规划的间隔刷新"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence } = await overTemplates(ctx, (template, settings) => ({
      right: settings.refresh_interval === formatDuration(template.refreshInterval),
      read: `${template.patterns.join(", ")}: refresh_interval ${settings.refresh_interval ?? "unset"}`,
    }));
    return right
      ? passed(text("by their templates", "由模板设置"), evidence)
      : failed(text("not as planned", "与规划不符"), evidence);
  },
};

export const sharding: ElasticsearchCheck = {
  id: "elasticsearch.shards",
  requirements: ["ES-7"],
  title: text(
    "New indices have shards and copies by their size, and all indices are green",
    "新索引按大小设置分片和副本，且所有索引均为 green",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence } = await overTemplates(ctx, (template, settings) => ({
      right:
        settings.number_of_shards === `${shardsOf(template)}` &&
        settings.number_of_replicas === `${replicasOf(ctx.spec, template)}`,
      read: `${template.patterns.join(", ")}: ${settings.number_of_shards ?? "?"} shards, ${settings.number_of_replicas ?? "?"} copies`,
    }));
    const health = await askFor<{
      readonly active_shards: number;
      readonly indices: Readonly<Record<string, { readonly status: string }>>;
    }>(ctx, await anyNode(ctx), { path: "/_cluster/health?level=indices&expand_wildcards=all" });
    // Not the cluster's own word: an index that another check has just made has no copies yet.
    const notGreen = Object.entries(health.indices)
      .filter(([name, index]) => index.status !== "green" && !isScratch(name))
      .map(([name, index]) => `${name} ${index.status}`);
    const all = [
      ...evidence,
      {
        from: "_cluster/health",
        read: `${health.active_shards} shards, ${notGreen.length === 0 ? "all green" : notGreen.join(", ")}`,
      },
    ];
    return right && notGreen.length === 0
      ? passed(text("as planned, and green", "符合规划，且为 green"), all)
      : failed(text("not as planned, or not green", "与规划不符，或不是 green"), all);
  },
};

export const newIndex: ElasticsearchCheck = {
  id: "elasticsearch.new-index",
  requirements: ["ES-6", "ES-7"],
  title: text(
    "An index that is made gets its template's settings, becomes green and refuses a value of another type",
    "新建的索引得到模板设置，变为 green，并拒绝其他类型的值",
  ),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    const from = await anyNode(ctx);
    const evidence: Evidence[] = [];
    let right = Object.keys(ctx.spec.templates).length > 0;
    for (const template of Object.values(ctx.spec.templates)) {
      const index = indexFor(template, scratchName());
      if (index === undefined) continue;
      const body = { mappings: { properties: { price: { type: "double" } } } };
      await withIndex(ctx, from, index, body, async () => {
        const health = await ask(ctx, from, {
          path: `/_cluster/health/${index}?wait_for_status=green&timeout=10s`,
          timeoutMs: 15_000,
        });
        const settings = await askFor<
          Readonly<Record<string, { readonly settings: { readonly index: IndexSettings } }>>
        >(ctx, from, { path: `/${index}/_settings` });
        const made = settings[index]?.settings.index;
        const refused = await ask(ctx, from, {
          method: "PUT",
          path: `/${index}/_doc/1`,
          body: { price: "cheap" },
        });
        right &&=
          health.status === 200 &&
          made?.refresh_interval === formatDuration(template.refreshInterval) &&
          made.number_of_shards === `${shardsOf(template)}` &&
          refused.status === 400;
        evidence.push({
          from: index,
          read: `${health.status === 200 ? "green" : "not green"}, refresh_interval ${made?.refresh_interval}, ${made?.number_of_shards} shards; a word for a price: ${refused.status} ${reasonOf(refused.body)}`,
        });
      });
    }
    return right && evidence.length > 0
      ? passed(text("made, green, and deleted again", "已创建、为 green，并已删除"), evidence)
      : failed(text("not as its template says", "与模板不符"), evidence);
  },
};

/** Names as merchants write them, and for each a search whose words stand in that name alone. */
const products = [
  { name: "智能蓝牙降噪耳机", search: "降噪耳机" },
  { name: "纯棉儿童连衣裙夏季新款", search: "连衣裙" },
  { name: "家用不锈钢保温水杯", search: "水杯" },
  { name: "新疆阿克苏苹果礼盒", search: "苹果" },
] as const;

export const chinese: ElasticsearchCheck = {
  id: "elasticsearch.chinese",
  requirements: ["ES-11"],
  title: text(
    "Chinese product names are segmented into words and found by them",
    "中文商品名被切分为词，并可按词检索",
  ),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    const from = await anyNode(ctx);
    const index = scratchName();
    const body = {
      settings: { index: { number_of_shards: 1, number_of_replicas: 0 } },
      mappings: { properties: { name: { type: "text", analyzer: "smartcn" } } },
    };
    const evidence: Evidence[] = [];
    const right = await withIndex(ctx, from, index, body, async () => {
      for (const [i, { name }] of products.entries())
        await askFor(ctx, from, { method: "PUT", path: `/${index}/_doc/${i}?refresh=true`, body: { name } });
      let found = true;
      for (const [i, { name, search }] of products.entries()) {
        const analyzed = await askFor<{ readonly tokens: readonly { readonly token: string }[] }>(ctx, from, {
          method: "POST",
          path: `/${index}/_analyze`,
          body: { field: "name", text: name },
        });
        const words = analyzed.tokens.map((t) => t.token);
        const hits = await askFor<{
          readonly hits: { readonly hits: readonly { readonly _id: string }[] };
        }>(ctx, from, {
          method: "POST",
          path: `/${index}/_search`,
          body: { query: { match: { name: { query: search, operator: "and" } } } },
        });
        const ids = hits.hits.hits.map((h) => h._id);
        // Single characters would be found as well, and so would every name that shares one.
        found &&= ids.length === 1 && ids[0] === `${i}` && words.some((w) => w.length > 1);
        evidence.push({ from: name, read: `${words.join(" / ")}; ${search}: ${ids.length} found` });
      }
      return found;
    }).catch((error: unknown) => {
      evidence.push({ from, read: error instanceof Error ? error.message : String(error) });
      return false;
    });
    return right
      ? passed(text("by the analyzer smartcn", "使用 smartcn 分析器"), evidence)
      : failed(text("not segmented, or not found", "未切分，或未找到"), evidence);
  },
};
