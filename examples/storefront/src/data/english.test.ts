import { expect, test } from "vitest";
import {
  brandInEnglish,
  categoryInEnglish,
  categoryOf,
  cityInEnglish,
  descriptionInEnglish,
  groupInEnglish,
  merchantInEnglish,
  partsOf,
  productInEnglish,
  specInEnglish,
} from "./english.ts";
import { englishCategories } from "./english-words.ts";
import { makeMerchants, makeProducts, type ShopSize } from "./shop.ts";
import { categories, cities, groups } from "./vocabulary.ts";

const size: ShopSize = { seed: 1, merchants: 200, consumers: 10, products: 4_000, orders: 0, untilMs: 0 };
const han = /\p{Script=Han}/u;

test("every word of the vocabulary has its English", () => {
  for (const category of categories) {
    const english = englishCategories[category.name];
    expect(english?.nouns, category.name).toHaveLength(category.nouns.length);
    expect(english?.features, category.name).toHaveLength(category.features.length);
    for (const spec of category.specs) expect(specInEnglish(spec), spec).not.toMatch(han);
  }
  const others = [
    ...groups.map(groupInEnglish),
    ...cities.map(cityInEnglish),
    ...categories.map(categoryInEnglish),
  ];
  expect(others.filter((one) => han.test(one))).toEqual([]);
});

test("every product and merchant of a shop is told in English, and its parts are found again", () => {
  const merchants = makeMerchants(size);
  const wrong = merchants.map(({ name }) => merchantInEnglish(name)).filter((name) => han.test(name));
  for (const product of makeProducts(size, merchants)) {
    const category = categoryOf(product.categoryId);
    const parts = partsOf(product.name, category);
    const isWhole =
      category.nouns.includes(parts.noun) &&
      parts.features[0] === product.attributes.特点 &&
      parts.features.every((feature) => category.features.includes(feature));
    const english = `${productInEnglish(product.name, category).name} ${descriptionInEnglish(product.name, product.description, category)}`;
    if (!isWhole || han.test(english)) wrong.push(`${product.name}: ${english}`);
  }
  expect(wrong).toEqual([]);
});

test("as it reads", () => {
  const earphones = categoryOf(1);
  expect(productInEnglish("云岚 主动降噪长续航蓝牙耳机 曜石黑", earphones).name).toBe(
    "Yunlan noise cancelling long battery life Bluetooth earphones, obsidian black",
  );
  expect(merchantInEnglish("杭州云岚旗舰店")).toBe("Hangzhou Yunlan Flagship Store");
  expect(merchantInEnglish("云岚数码专营店")).toBe("Yunlan Digital Specialist Store");
  expect(brandInEnglish("知语")).toBe("Zhiyu");
});
