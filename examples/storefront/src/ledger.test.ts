import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ledgerFile, longestSilenceMs, openLedger, readLedgers } from "./ledger.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-"));
});
afterEach(() => rm(folder, { recursive: true }));

const header = (run: string, load = "load-1") => ({ ledger: 1, run, load }) as const;

test("what was intended and answered is read again, by load, also after a torn last line", async () => {
  const file = ledgerFile(folder, "a");
  let clock = 1_000;
  const ledger = await openLedger(file, header("a"), () => (clock += 10));
  const one = await ledger.intend({ do: "order", key: "k1", consumerId: 3, totalCents: 900 });
  const two = await ledger.intend({ do: "cancel", number: "20261124-00000-00000" });
  await ledger.answer(one, { is: "acknowledged", number: "20261124-AAAAA-BBBBB", attempts: 2 });
  await ledger.answer(two, { is: "refused", why: "absent" });
  await ledger.intend({ do: "restock", key: "k2", productId: 7, units: 5 });
  await ledger.close();
  await appendFile(file, '{"n":4,"at":99,"do":"pri');
  const other = await openLedger(ledgerFile(folder, "b"), header("b", "load-2"));
  await other.intend({ do: "cancel", number: "x" });
  await other.close();

  const entries = await readLedgers(folder, "load-1");
  expect(entries).toEqual([
    {
      run: "a",
      n: 1,
      intendedAtMs: 1_020,
      intent: { do: "order", key: "k1", consumerId: 3, totalCents: 900 },
      answer: { is: "acknowledged", number: "20261124-AAAAA-BBBBB", attempts: 2, atMs: 1_040 },
    },
    expect.objectContaining({ n: 2, answer: { is: "refused", why: "absent", atMs: 1_050 } }),
    expect.objectContaining({ n: 3, answer: undefined }),
  ]);
  expect(await readLedgers(join(folder, "none"), "load-1")).toEqual([]);
});

test("a write is on the disk when its number is given out, in the order of the numbers", async () => {
  const ledger = await openLedger(ledgerFile(folder, "a"), header("a"));
  const writes = Array.from({ length: 200 }, async (_, i) => {
    const n = await ledger.intend({ do: "cancel", number: String(i) });
    const lines = (await readFile(ledger.file, "utf8")).trim().split("\n");
    expect(JSON.parse(lines[n] ?? "null")).toMatchObject({ n, number: String(i) });
  });
  await Promise.all(writes);
  await ledger.close();
});

test("a ledger is never written over", async () => {
  const ledger = await openLedger(ledgerFile(folder, "a"), header("a"));
  await ledger.close();
  await expect(openLedger(ledgerFile(folder, "a"), header("a"))).rejects.toMatchObject({ code: "EEXIST" });
});

test("the longest silence is between two acknowledged writes", () => {
  const entry = (n: number, atMs: number, is: "acknowledged" | "refused" = "acknowledged") => ({
    run: "a",
    n,
    intendedAtMs: 0,
    intent: { do: "cancel", number: "x" } as const,
    answer: is === "refused" ? ({ is, why: "absent", atMs } as const) : ({ is, atMs } as const),
  });
  expect(longestSilenceMs([entry(1, 100), entry(2, 150, "refused"), entry(3, 400), entry(4, 420)])).toBe(300);
  expect(longestSilenceMs([])).toBe(0);
});
