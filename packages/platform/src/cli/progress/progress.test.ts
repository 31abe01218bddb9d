import picocolors from "picocolors";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { text } from "../../text.ts";
import { foot, liveProgress } from "./live.ts";
import { plainProgress } from "./plain.ts";
import { seconds } from "./seconds.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const title = (s: string) => text(s, s);
const none = picocolors.createColors(false);

test.each([
  [400, "0.4 s"],
  [9_940, "9.9 s"],
  [9_960, "10 s"],
  [59_400, "59 s"],
  [185_000, "3 min 05 s"],
])("%i ms are %s", (ms, said) => {
  expect(seconds(ms)).toBe(said);
});

test("short work is one line, with its time", async () => {
  const lines: string[] = [];
  const progress = plainProgress((l) => lines.push(l), "en");
  const done = progress.task(title("quick"), () => sleep(500));
  await vi.advanceTimersByTimeAsync(500);
  await done;
  expect(lines).toEqual(["✓ quick (0.5 s)"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("longer work says what runs, its detail, how long, and what is next", async () => {
  const lines: string[] = [];
  const progress = plainProgress((l) => lines.push(l), "en");
  progress.upcoming?.([title("slow"), title("after")]);
  const done = progress.task(title("slow"), async (note) => {
    note("1 of 2");
    await sleep(20_000);
  });
  await vi.advanceTimersByTimeAsync(20_000);
  await done;
  expect(lines).toEqual([
    "… slow: 1 of 2 (2.0 s; next: after)",
    "… slow: 1 of 2 (17 s; next: after)",
    "✓ slow (20 s)",
  ]);
});

test("what fails is marked, and its error goes on", async () => {
  const lines: string[] = [];
  const progress = plainProgress((l) => lines.push(l), "en");
  await expect(
    progress.task(title("bad"), async () => {
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(lines).toEqual(["✗ bad (0.0 s)"]);
});

test("the foot of a terminal fits it, and leaves out what is not known", () => {
  const board = {
    running: [{ title: "building", since: 0, note: "layer 3 of 9, downloading packages" }],
    next: ["starting", "verifying"],
  };
  expect(foot(board, { now: 12_000, frame: 0, width: 30 }, "en", none)).toEqual([
    "⠋ building  layer 3 of …  12 s",
    "  next: starting · verifying",
  ]);
  expect(
    foot(
      { running: [{ title: "a", since: 0, note: "" }], next: [] },
      { now: 300, frame: 0, width: 30 },
      "en",
      none,
    ),
  ).toEqual(["⠋ a"]);
});

test("a terminal ends with the finished tasks and a visible cursor", async () => {
  let screen = "";
  const progress = liveProgress({ columns: 80, write: (t) => (screen += t) }, "en", none);
  const work = Promise.all([
    progress.task(title("one"), () => sleep(300)),
    progress.task(title("two"), () => sleep(100)),
  ]);
  await vi.advanceTimersByTimeAsync(50);
  progress.above("a word\n");
  await vi.advanceTimersByTimeAsync(300);
  await work;
  expect(screen.startsWith("\u001B[?25l")).toBe(true);
  expect(screen.endsWith("\u001B[?25h")).toBe(true);
  expect(lastScreen(screen)).toEqual(["a word", "✓ two 0.1 s", "✓ one 0.3 s"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("closed in the middle, nothing unfinished stays on the screen", async () => {
  let screen = "";
  const progress = liveProgress({ columns: 80, write: (t) => (screen += t) }, "en", none);
  void progress.task(title("one"), () => sleep(3_000));
  await vi.advanceTimersByTimeAsync(500);
  progress.close();
  expect(lastScreen(screen)).toEqual([]);
  // What the work itself still does afterwards is neither drawn nor timed.
  await vi.advanceTimersByTimeAsync(5_000);
  expect(lastScreen(screen)).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

/** What a terminal shows in the end: knows the three control sequences that are used. */
function lastScreen(written: string): readonly string[] {
  const lines: string[] = [""];
  let row = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
  for (const piece of written.match(/\u001B\[\??\d+[A-Za-z]|\r|\n|[^\u001B\r\n]+/g) ?? []) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
    const up = /^\u001B\[(\d+)A$/.exec(piece);
    if (up) row -= Number(up[1]);
    else if (piece === "\u001B[0J") lines.splice(row, lines.length, "");
    else if (piece === "\n") {
      row += 1;
      lines[row] ??= "";
    } else if (!piece.startsWith("\u001B") && piece !== "\r") lines[row] = `${lines[row] ?? ""}${piece}`;
  }
  return lines.filter((l) => l !== "");
}
