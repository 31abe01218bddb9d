import { expect, test } from "vitest";
import { MallError } from "../errors.ts";
import { loadMall } from "../spec/load.ts";
import { mallSchema, thisHost } from "./mall-schema.ts";
import { services } from "./registry.ts";

const load = (text: string) => loadMall(text, "mall.yaml", mallSchema(), thisHost());

const everywhere = services.filter((service) => service.infrastructure === true).map(({ name }) => name);

test("some services every mall has", () => {
  expect(everywhere).toEqual(["endpoints", "agent"]);
});

test.each(everywhere)("a mall without its %s is refused, with the place and what to do", (name) => {
  expect(load(`services:\n  ${name}:\n    enabled: true\n`).mall.services).toHaveProperty(name);
  let refused: unknown;
  try {
    load(`services:\n  ${name}:\n    enabled: false\n`);
  } catch (error) {
    refused = error;
  }
  if (!(refused instanceof MallError)) throw new Error("not refused");
  expect(refused.code).toBe("SPEC_INVALID");
  expect(refused.describe("en")).toMatch(/3:14[\s\S]*every mall has this service.*remove this line/);
  expect(refused.describe("zh")).toContain("请删除该行");
});
