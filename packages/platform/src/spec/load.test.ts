import { expect, test } from "vitest";
import { z } from "zod";
import { MallError } from "../errors.ts";
import { text } from "../text.ts";
import { composeSchema, type ServiceSchema } from "./compose.ts";
import { described } from "./described.ts";
import { explain } from "./explain.ts";
import { loadMall } from "./load.ts";
import { bytes, milliseconds } from "./units.ts";

const store: ServiceSchema = {
  name: "store",
  title: text("Store", "存储"),
  needs: [],
  profiles: {
    small: { memory: "256Mi", limits: { files: 100 } },
    standard: { memory: "1Gi", limits: { files: 200 } },
    production: { memory: "4Gi" },
  },
  removed: {
    "query_cache*": text("gone since 8.0; use the read-through cache", "自 8.0 起移除；请用读穿缓存"),
  },
  spec: z.strictObject({
    memory: described(bytes().prefault("512Mi"), "Memory of each node", "每个节点的内存"),
    keep: milliseconds().prefault("3d").describe("How long it is kept"),
    mode: z.enum(["block", "async"]).default("block").describe("What happens"),
    replicas: z.number().int().min(1).max(7).default(2).describe("How many"),
    names: z
      .array(z.string().regex(/^[a-z]+$/, "a lower-case name"))
      .min(1)
      .default(["shop"])
      .describe("Names"),
    limits: z
      .strictObject({
        files: z.number().int().default(50).describe("Open files"),
        maxWaiting: z.number().optional(),
      })
      .prefault({})
      .describe("Limits"),
    settings: z
      .record(z.string().regex(/^[a-z_]+$/, "a name with _"), z.union([z.string(), z.number()]))
      .default({}),
  }),
};
const other: ServiceSchema = {
  ...store,
  name: "queue",
  removed: {},
  profiles: { small: {}, standard: {}, production: {} },
  spec: z.strictObject({ topics: z.number().int().default(3).describe("Topics") }),
};
const asking: ServiceSchema = {
  ...other,
  name: "stream",
  asks: { store: { settings: { stream_of: "queue" }, limits: { files: 300 } } },
};
const schema = composeSchema([store, other]);
const little = { cores: 2, memoryBytes: 8 * 2 ** 30 };
const large = { cores: 16, memoryBytes: 64 * 2 ** 30 };
const load = (content: string, host = little) => loadMall(content, "mall.yaml", schema, host);

function failure(content: string): MallError {
  try {
    load(content);
  } catch (error) {
    if (error instanceof MallError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

test("nothing said: the defaults, sized for this machine", () => {
  const { mall, profileFrom } = load("");
  expect(profileFrom).toBe("host");
  expect(mall.site).toMatchObject({ name: "mall", profile: "small", bind: "127.0.0.1", portBase: 13000 });
  expect(mall.services).toEqual({
    store: {
      memory: 256 * 2 ** 20,
      keep: 259_200_000,
      mode: "block",
      replicas: 2,
      names: ["shop"],
      limits: { files: 100 },
      settings: {},
    },
    queue: { topics: 3 },
  });
  expect(load("", large).mall.site.profile).toBe("standard");
  expect(load("", { ...large, cores: 4 }).mall.site.profile).toBe("small");
  expect(load("profile: production", little).mall.site.profile).toBe("production");
});

test("a user's word stands over the profile's, one setting at a time", () => {
  const { mall } = load("services:\n  store:\n    limits: {maxWaiting: 5}\n");
  expect(mall.services.store).toMatchObject({ memory: 256 * 2 ** 20, limits: { files: 100, maxWaiting: 5 } });
});

test("empty maps mean defaults, disabled services are left out", () => {
  expect(load("services:\n  store:\n").mall).toEqual(load("").mall);
  expect(load("services:\n").mall).toEqual(load("").mall);
  expect(load("# nothing\n").mall).toEqual(load("").mall);
  const without = load("services:\n  queue: {enabled: false}\n");
  expect(Object.keys(without.mall.services)).toEqual(["store"]);
  expect(without.disabled).toEqual(["queue"]);
});

test("anchors and merge keys work", () => {
  expect(
    load("services:\n  store: &a\n    memory: 1Gi\n    limits: &l {files: 7}\n").mall.services.store,
  ).toMatchObject({ limits: { files: 7 } });
});

const wrong: Readonly<Record<string, string>> = {
  "misspelt key": "services:\n  store:\n    memroy: 1Gi\n",
  "misspelt service": "services:\n  sotre:\n    memory: 1Gi\n",
  "key at the wrong place": "memory: 1Gi\nstore:\n  mode: block\n",
  "unknown key": "services:\n  queue:\n    colour: red\n",
  "removed key": "services:\n  store:\n    limits:\n      query_cache_size: 64Mi\n",
  "wrong unit": "services:\n  store:\n    memory: 512MB\n    keep: 3 days\n",
  "no unit": "services:\n  store:\n    memory: 512\n    keep: 30\n",
  "wrong kinds":
    "services:\n  store:\n    memory: [1Gi]\n    replicas: three\n    mode: blok\n    names: shop\nname: true\n",
  limits: "portBase: 80\nservices:\n  store:\n    replicas: 9\n    names: []\n",
  fractions: "services:\n  store:\n    replicas: 2.5\n",
  "patterns of lists, names and unions":
    "services:\n  store:\n    names: [ok, Bad]\n    settings: {UPPER: 1, fine: [1]}\n",
  "a profile that is none": "profile: smal\n",
  addresses: "bind: localhost\nmirrors:\n  apt: mirror.example\n",
  "nothing where something is needed": "services:\n  store:\n    memory:\naccept:\n",
  "a key twice": "name: a\nservices:\n  store:\n    memory: 1Gi\nname: b\n",
  "services is a list": "services:\n  - store\n",
  "the document is a list": "- store\n",
  "the document is text": "just words\n",
  "Chinese on the line": "services:\n  store: {mode: 阻塞, replicas: 0}\n",
};

test.each(Object.entries(wrong))("%s", (_name, content) => {
  const error = failure(content);
  expect(error.code).toBe("SPEC_INVALID");
  expect(`\n${error.describe("en")}\n`).toMatchSnapshot();
  // Every problem has a Chinese sentence of its own.
  expect(error.describe("zh")).toMatch(/[\u4E00-\u9FFF]/);
});

const brokenYaml: Readonly<Record<string, string>> = {
  "a tab": "services:\n\tstore:\n",
  "a quote that does not end": 'name: "shop\n',
  "a flow map that does not end": "services: {store: {memory: 1Gi}\n",
  "indentation that fits nothing": "services:\n  store:\n    memory: 1Gi\n   mode: block\n",
  "an alias to nothing": "services: *missing\n",
  "two documents": "name: a\n---\nname: b\n",
};

test.each(Object.entries(brokenYaml))("YAML: %s", (_name, content) => {
  const error = failure(content);
  expect(error.code).toBe("SPEC_YAML");
  expect(`\n${error.describe("en")}\n`).toMatchSnapshot();
});

test("a program gets each problem with its place, not only the text", () => {
  const { details } = failure("services:\n  store:\n    memroy: 1Gi\n    keep: 3\n").toJSON();
  expect(details).toMatchObject([
    { path: "services.store.memroy", place: { line: 3, column: 5, length: 6 } },
    { path: "services.store.keep", place: { line: 4, column: 11, length: 1 } },
  ]);
});

test("in Chinese", () => {
  expect(
    `\n${failure("services:\n  store:\n    memroy: 512MB\n    keep: 30\n    mode: blok\n").describe("zh")}\n`,
  ).toMatchSnapshot();
});

test("explain: each setting, its value as a user writes it, and who set it", () => {
  const loaded = load("name: shop\nservices:\n  store:\n    memory: 2Gi\n    settings: {a_b: 1}\n");
  const settings = explain(loaded, schema);
  const of = (path: string) => settings.find((s) => s.path === path);
  expect(of("name")).toMatchObject({ value: "shop", from: "user", line: 1 });
  expect(of("profile")).toMatchObject({ value: "small", from: "profile" });
  expect(of("services.store.memory")).toEqual({
    path: "services.store.memory",
    value: "2Gi",
    from: "user",
    line: 4,
    kind: text("size", "大小"),
    description: text("Memory of each node", "每个节点的内存"),
  });
  expect(of("services.store.limits.files")).toMatchObject({ value: 100, from: "profile" });
  expect(of("services.store.limits.maxWaiting")).toMatchObject({ from: "default", kind: { en: "number" } });
  expect(of("services.store.keep")).toMatchObject({ value: "3d", from: "default", kind: { en: "duration" } });
  expect(of("services.store.mode")).toMatchObject({ kind: { en: "one of block, async" } });
  expect(of("services.store.replicas")).toMatchObject({ kind: { en: "whole number, 1 to 7" } });
  expect(of("services.queue.enabled")).toMatchObject({ value: true, from: "default" });
  expect(settings).toHaveLength(new Set(settings.map((s) => s.path)).size);
});

test("what a service asks of another stands under the user's own words, and only while both are in the mall", () => {
  const three = composeSchema([store, other, asking]);
  const loaded = (content: string) => loadMall(content, "mall.yaml", three, little);
  const both = loaded("services:\n  store:\n    settings:\n      own: 1\n");
  expect(both.mall.services.store).toMatchObject({
    settings: { own: 1, stream_of: "queue" },
    limits: { files: 300 },
    memory: 256 * 2 ** 20,
  });
  expect(both.origin(["services", "store", "settings", "stream_of"])).toBe("service");
  expect(both.origin(["services", "store", "memory"])).toBe("profile");
  const said = loaded(
    "services:\n  store:\n    settings:\n      stream_of: mine\n    limits:\n      files: 7\n",
  );
  expect(said.mall.services.store).toMatchObject({ settings: { stream_of: "mine" }, limits: { files: 7 } });
  const without = loaded("services:\n  stream:\n    enabled: false\n");
  expect(without.mall.services.store).toMatchObject({ settings: {}, limits: { files: 100 } });
  expect(loaded("services:\n  store:\n    enabled: false\n").mall.services).not.toHaveProperty("store");
});

test("an entry that is asked for stands beside those that a map has by default, or behind the user's own", () => {
  const holder: ServiceSchema = {
    ...other,
    name: "holder",
    spec: z.strictObject({
      accounts: z.record(z.string(), z.strictObject({ may: z.string() })).default({ app: { may: "all" } }),
      buckets: z
        .record(z.string(), z.strictObject({ quota: z.number().default(1) }))
        .prefault({ pictures: { quota: 5 } }),
    }),
    profiles: { small: { buckets: { films: { quota: 7 } } }, standard: {}, production: {} },
  };
  const wanting: ServiceSchema = {
    ...other,
    name: "wanting",
    asks: { holder: { accounts: { own: { may: "little" } }, buckets: { films: {} } } },
  };
  const of = composeSchema([holder, wanting]);
  const held = (content: string, host = little) => {
    const loaded = loadMall(content, "mall.yaml", of, host);
    const { accounts, buckets } = loaded.mall.services.holder as Record<string, Record<string, unknown>>;
    return { accounts: Object.entries(accounts ?? {}), buckets, loaded };
  };
  const [app, own] = [
    ["app", { may: "all" }],
    ["own", { may: "little" }],
  ];
  const nothingSaid = held("");
  expect(nothingSaid.accounts).toEqual([app, own]);
  expect(nothingSaid.loaded.origin(["services", "holder", "accounts", "app"])).toBe("default");
  expect(nothingSaid.loaded.origin(["services", "holder", "accounts", "own"])).toBe("service");
  // What the profile has are all but what is asked for; without a profile's word the default stays.
  expect(nothingSaid.buckets).toEqual({ films: { quota: 7 } });
  expect(held("", large).buckets).toEqual({ pictures: { quota: 5 }, films: { quota: 1 } });
  const said = "services:\n  holder:\n    accounts:\n      shop: {may: much}\n";
  expect(held(said).accounts).toEqual([["shop", { may: "much" }], own]);
  expect(held("services:\n  wanting:\n    enabled: false\n").accounts).toEqual([app]);
});
