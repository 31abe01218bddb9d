import { expect, test } from "vitest";
import { mallSchema } from "../services/mall-schema.ts";
import { loadMall } from "./load.ts";
import { template, withoutValue } from "./template.ts";

const host = { cores: 2, memoryBytes: 8 * 2 ** 30 };
const made = template(mallSchema(), { profile: "small", chosen: false, schemaPath: "mall.schema.json" });

test("as written it is the defaults", () => {
  expect(loadMall(made, "mall.yaml", mallSchema(), host).mall).toEqual(
    loadMall("", "mall.yaml", mallSchema(), host).mall,
  );
});

test("with every comment of a value taken off it is still the defaults: what it shows is true", () => {
  // A setting without a value (`# apt:`) has nothing to show.
  const live = made.replaceAll(/^( *)# (\w+: \S.*)$/gm, "$1$2");
  const loaded = loadMall(live, "mall.yaml", mallSchema(), host);
  expect(loaded.mall).toEqual(loadMall("", "mall.yaml", mallSchema(), host).mall);
  expect(loaded.profileFrom).toBe("user");
  expect(loaded.origin(["services", "agent", "enabled"])).toBe("user");
});

test("a chosen profile is written as a live line", () => {
  const chosen = template(mallSchema(), { profile: "production", chosen: true, schemaPath: "s.json" });
  expect(loadMall(chosen, "mall.yaml", mallSchema(), host).mall.site.profile).toBe("production");
});

test("only what has no default is shown without a value", () => {
  expect(withoutValue(mallSchema())).toContain("mirrors.apt");
});
