import { expect, test } from "vitest";
import { sideBySide } from "./side-by-side.ts";

test("no more at a time than allowed, and the results in the order of the items", async () => {
  let now = 0;
  let most = 0;
  const results = await sideBySide([5, 1, 3, 2, 4], 2, async (ms) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, ms));
    now -= 1;
    return ms * 10;
  });
  expect(most).toBe(2);
  expect(results).toEqual([50, 10, 30, 20, 40]);
  expect(await sideBySide([], 2, async () => 1)).toEqual([]);
});

test("one that fails is the answer, and no more is begun", async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (item === 1) throw new Error("broken");
    return item;
  };
  await expect(sideBySide([1, 2, 3], 1, work)).rejects.toThrow("broken");
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(begun).toEqual([1]);
});
