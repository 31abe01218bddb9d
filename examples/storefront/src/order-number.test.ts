import { expect, test } from "vitest";
import { commissionCents, yuan } from "./money.ts";
import { orderNumber } from "./order-number.ts";

const key = "00112233445566778899aabbccddeeff";

test("a number is the day in China and ten characters that cannot be misread", () => {
  const number = orderNumber(key, Date.UTC(2026, 10, 23, 16, 30));
  expect(number).toMatch(/^20261124-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
});

test("the same request gives the same number, the next attempt another", () => {
  const at = Date.UTC(2026, 10, 24);
  expect(orderNumber(key, at)).toBe(orderNumber(key, at));
  expect(orderNumber(key, at, 1)).not.toBe(orderNumber(key, at));
  expect(orderNumber(key.replace("0", "1"), at)).not.toBe(orderNumber(key, at));
});

test("money is shown in yuan and a commission is rounded down", () => {
  expect(yuan(123_450)).toBe("¥1,234.50");
  expect(yuan(-5)).toBe("-¥0.05");
  expect(yuan(100_000_000)).toBe("¥1,000,000.00");
  expect(commissionCents(999, 550)).toBe(54);
});
