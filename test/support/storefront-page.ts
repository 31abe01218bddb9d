/** The sample shop's page in a real Chromium, as a visitor sees it: in both languages, on a desk and on a phone. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../packages/platform/src/errors.ts";
import { startChromium } from "./chromium.ts";
import { repositoryRoot } from "./ready-images.ts";
import type { Started, StorefrontMall } from "./storefront-mall.ts";

const pictures = join(repositoryRoot, "test-results/storefront");
const desk = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

/** @param shopOf the loaded shop, once tests run */
export function pageTests(shopOf: () => StorefrontMall): void {
  describe("the page", () => {
    let browser: Browser;
    let serving: Started;
    let address: string;
    let page: Page;
    const problems: string[] = [];

    beforeAll(async () => {
      await mkdir(pictures, { recursive: true });
      serving = shopOf().starts("storefront", "serve", "--port", "0");
      [browser, address] = await Promise.all([startChromium(), addressOf(serving)]);
      const context = await browser.newContext({ locale: "zh-CN", viewport: desk });
      page = await context.newPage();
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") problems.push(message.text());
      });
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      if (serving?.exitCode === null) serving.kill("SIGTERM");
      await serving;
    });

    const shot = (name: string) => page.screenshot({ path: join(pictures, `${name}.jpg`), quality: 80 });
    const total = async () => Number(await page.locator(".count").getAttribute("data-total"));
    const settled = () => page.locator('.list[aria-busy="false"]').waitFor();
    /** Does something, and waits until the list that it asks for is shown. */
    const lists = async (asked: (query: URLSearchParams) => boolean, act: () => Promise<unknown>) => {
      const answer = page.waitForResponse((response) => {
        const { pathname, searchParams } = new URL(response.url());
        return pathname === "/api/products" && asked(searchParams);
      });
      await act();
      await answer;
      await settled();
    };
    const search = async (text: string) => {
      await page.getByRole("searchbox").fill(text);
      await lists(
        (query) => query.get("text") === text,
        () => page.keyboard.press("Enter"),
      );
    };
    /** Each picture that can be seen has been fetched and drawn. */
    const picturesDrawn = () =>
      expect
        .poll(
          () =>
            page.evaluate<string[]>(
              "(seen => seen.length === 0 ? ['no picture is seen'] : seen.filter(image => image.naturalWidth === 0).map(image => image.src))([...document.images].filter(image => image.getBoundingClientRect().top < innerHeight))",
            ),
          { timeout: 30_000 },
        )
        .toEqual([]);

    test("speaks the visitor's language, and the other one on demand", async () => {
      await page.goto(address);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await settled();
      expect(await page.title()).toMatch(/云集/);
      expect(await page.locator("html").getAttribute("lang")).toBe("zh");
      expect(await page.locator(".card").count()).toBe(24);
      expect(await total()).toBe(3_000);
      await picturesDrawn();
      await shot("start-zh");
      await page.locator("button.language").click();
      await page.getByRole("heading", { level: 1, name: "Good things, plainly sold" }).waitFor();
      await shot("start-en");
      await page.reload();
      await page.getByRole("heading", { level: 1, name: "Good things, plainly sold" }).waitFor();
      await page.locator("button.language").click();
    });

    test("finds by Chinese and by English words, narrows and sorts", async () => {
      await search("蓝牙耳机");
      const all = await total();
      expect(all).toBeGreaterThan(0);
      expect(await page.locator(".card h3").first().textContent()).toContain("耳机");
      await lists(
        (query) => query.get("sort") === "price-up",
        () => page.locator("select").selectOption("price-up"),
      );
      const prices = await page.locator(".card .price").allTextContents();
      const cents = prices.map((price) => Number(price.replaceAll(/[^\d.]/g, "")));
      expect(cents).toEqual([...cents].sort((a, b) => a - b));
      await lists(
        (query) => query.has("category"),
        () => page.locator(".filters .choices a").first().click(),
      );
      expect(await total()).toBeLessThanOrEqual(all);
      await shot("search-zh");
      await search("yoga mat");
      expect(await page.locator(".card h3").first().textContent()).toContain("瑜伽垫");
      await search("xyzzy");
      expect(await total()).toBe(0);
      expect(await page.getByText("没有找到相关商品").count()).toBe(1);
    });

    test("sells: what is bought is an order, leaves the stock and is in the merchant's figures; cancelled, it is not", async () => {
      const request = page.context().request;
      const signIn = (as: string, id: number) =>
        request.post(`${address}/api/session`, { data: { as, id }, headers: { origin: address } });
      const detail = async (id: string) => (await request.get(`${address}/api/products/${id}`)).json();

      await page.goto(`${address}/account`);
      await page.locator('input[name="consumer"]').fill("907");
      await page.locator("form.panel").first().getByRole("button").click();
      await page.waitForURL(`${address}/`);
      await search("积木");
      await page.locator(".card a").first().click();
      await page.waitForURL(/product/);
      await page.getByRole("button", { name: "加入购物车" }).waitFor();
      const id = /product\/(\d+)/.exec(page.url())?.[1] ?? "";
      const before = await detail(id);
      await shot("product-zh");
      await page.getByRole("button", { name: "增加" }).click();
      await page.getByRole("button", { name: "立即购买" }).click();
      await page.waitForURL(/cart/);
      await page.getByRole("button", { name: "提交订单" }).waitFor();
      expect(await page.locator("[data-cart]").first().getAttribute("data-cart")).toBe("2");
      await shot("cart-zh");

      expect((await signIn("merchant", before.merchant.id)).status()).toBe(204);
      const sold = async (): Promise<number> => {
        const sales = (await (await request.get(`${address}/api/sales`)).json()) as {
          readonly days: readonly { readonly units: number }[];
        };
        return sales.days.reduce((sum, day) => sum + day.units, 0);
      };
      const soldBefore = await sold();
      await page.getByRole("button", { name: "提交订单" }).click();
      await page.waitForURL(/placed=/);
      const number = await page.locator("[data-placed]").getAttribute("data-placed");
      const order = page.locator(`[data-order="${number}"]`);
      expect(await order.getAttribute("data-status")).toBe("paid");
      await shot("orders-zh");
      // By the outbox, Kafka and their consumers: soon, not at once.
      await expect.poll(sold, { timeout: 60_000 }).toBe(soldBefore + 2);
      const listed = async () => {
        const merchant = before.merchant.id;
        const url = `${address}/api/products?merchant=${merchant}&text=${encodeURIComponent(before.zh)}`;
        const { products } = await (await request.get(url)).json();
        return products.find((one: { readonly id: number }) => one.id === before.id)?.availableUnits;
      };
      await expect.poll(listed, { timeout: 60_000 }).toBe(before.availableUnits - 2);
      await page.goto(`${address}/sales`);
      await page.locator("svg.chart rect").first().waitFor();
      await shot("sales-zh");

      await page.goto(`${address}/orders`);
      await order.getByRole("button", { name: "取消订单" }).click();
      await expect.poll(() => order.getAttribute("data-status"), { timeout: 30_000 }).toBe("cancelled");
      await expect.poll(sold, { timeout: 60_000 }).toBe(soldBefore);
    });

    test("fits a phone: nothing is wider than its screen", async () => {
      await page.setViewportSize(phone);
      for (const path of ["/", "/?text=%E8%8C%B6", "/cart", "/orders", "/account", "/sales"]) {
        await page.goto(`${address}${path}`);
        await page.locator("main h1, main .card, main .notice").first().waitFor();
        const wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
        expect(wide, path).toBeLessThanOrEqual(0);
        if (path === "/" || path === "/sales")
          await shot(`phone${path === "/" ? "" : path.replace("/", "-")}-zh`);
      }
      await page.setViewportSize(desk);
    });

    test("goes on without search and says so; a server that is away costs a try, not a lie", async () => {
      const nodes = ["elasticsearch-1", "elasticsearch-2", "elasticsearch-3"].map(shopOf().container);
      await shopOf().docker("pause", ...nodes);
      try {
        await page.goto(`${address}/?text=%E8%80%B3%E6%9C%BA`);
        await page.getByText("搜索暂时不可用").waitFor({ timeout: 40_000 });
        expect(await page.locator(".card").count()).toBeGreaterThan(0);
      } finally {
        await shopOf().docker("unpause", ...nodes);
      }
      await expect
        .poll(
          async () => {
            await page.reload();
            await settled();
            return page.getByText("搜索暂时不可用").count();
          },
          { timeout: 60_000 },
        )
        .toBe(0);
    });

    test("no error was written by the page; told to end, the shop closes", async () => {
      expect(problems).toEqual([]);
      serving.kill("SIGTERM");
      const { exitCode, stderr } = await serving;
      expect(exitCode, String(stderr)).toBe(exitCodes.interrupted);
      expect(
        (await shopOf().succeeds<{ readonly findings: readonly object[] }>("storefront", "check")).findings,
      ).toEqual([]);
    });
  });
}

/** From the line that says where the shop is open. */
async function addressOf(serving: Started): Promise<string> {
  const lines: string[] = [];
  const { stderr } = serving;
  if (!(stderr instanceof Readable)) throw new Error("it has no standard error");
  for await (const line of createInterface({ input: stderr })) {
    const found = /The shop is open: (\S+)/.exec(line)?.[1];
    if (found !== undefined) return found;
    lines.push(line);
  }
  throw new Error(`it ended before it was open:\n${lines.join("\n")}`);
}
