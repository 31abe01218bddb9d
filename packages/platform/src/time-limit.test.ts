import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { withLimit } from "./time-limit.ts";

/** Ends when the signal does, with its reason. */
const heeding = (limit: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (limit.aborted) reject(limit.reason);
    limit.addEventListener("abort", () => reject(limit.reason));
  });

test("ends with the time, with the parent, or at once when the parent has", async () => {
  const parent = new AbortController();
  await expect(withLimit(parent.signal, 5, heeding)).rejects.toMatchObject({ name: "TimeoutError" });
  const running = withLimit(parent.signal, 60_000, heeding);
  parent.abort(new Error("told to end"));
  await expect(running).rejects.toThrow("told to end");
  await expect(withLimit(parent.signal, 60_000, heeding)).rejects.toThrow("told to end");
});

test("leaves nothing on the parent, and many at once are no warning", async () => {
  const { signal } = new AbortController();
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  const values = await Promise.all(
    Array.from({ length: 40 }, (_, n) => withLimit(signal, 1_000, async () => n)),
  );
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", onWarning);
  expect(values).toHaveLength(40);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(warnings).toEqual([]);
});
