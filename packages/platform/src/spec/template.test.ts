import { expect, test } from "vitest";
import type { Language } from "../errors.ts";
import { mallSchema } from "../services/mall-schema.ts";
import { loadMall } from "./load.ts";
import { template, withoutValue } from "./template.ts";
import { settingsOf } from "./walk.ts";

const host = { cores: 2, memoryBytes: 8 * 2 ** 30 };
const made = (language: Language): string =>
  template(mallSchema(), { language, profile: "small", chosen: false, schemaPath: "mall.schema.json" });

test.each(["en", "zh"] as const)("as written it is the defaults (%s)", (language) => {
  expect(loadMall(made(language), "mall.yaml", mallSchema(), host).mall).toEqual(
    loadMall("", "mall.yaml", mallSchema(), host).mall,
  );
});

test.each(["en", "zh"] as const)(
  "with every comment of a value taken off it is still the defaults: what it shows is true (%s)",
  (language) => {
    // A setting without a value (`# apt:`) has nothing to show.
    const live = made(language).replaceAll(/^( *)# (\w+: \S.*)$/gm, "$1$2");
    const loaded = loadMall(live, "mall.yaml", mallSchema(), host);
    expect(loaded.mall).toEqual(loadMall("", "mall.yaml", mallSchema(), host).mall);
    expect(loaded.profileFrom).toBe("user");
    expect(loaded.origin(["services", "agent", "enabled"])).toBe("user");
  },
);

test("both languages write the same settings and values, each in its own words", () => {
  const unsaid = (text: string): string => text.replaceAll(/^ *# (?!\w+:(?: |$)).*\n/gm, "");
  expect(unsaid(made("zh"))).toBe(unsaid(made("en")));
  expect(made("en")).not.toMatch(/[\u4E00-\u9FFF]/);
  const chinese = made("zh").match(/^ *# .*[\u4E00-\u9FFF].*$/gm) ?? [];
  expect(chinese.length).toBeGreaterThan(settingsOf(mallSchema().schema).length);
});

test("a chosen profile is written as a live line", () => {
  const chosen = template(mallSchema(), {
    language: "en",
    profile: "production",
    chosen: true,
    schemaPath: "s.json",
  });
  expect(loadMall(chosen, "mall.yaml", mallSchema(), host).mall.site.profile).toBe("production");
});

test("only what has no default is shown without a value", () => {
  expect(withoutValue(mallSchema())).toContain("mirrors.apt");
});
