/** Progress drawn at the foot of a terminal: finished tasks above, then what runs and for how long, then what is next. */
import type { Colors } from "picocolors/types.js";
import type { Language } from "../../errors.ts";
import { truncate } from "../../width.ts";
import { type Board, createBoard } from "./board.ts";
import type { Closing } from "./plain.ts";
import { seconds } from "./seconds.ts";

export interface Screen {
  readonly columns: number;
  write(text: string): void;
}

export interface LiveProgress extends Closing {
  /** Writes lines above what is being drawn. */
  above(text: string): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 120;

const csi = "\u001B[";
const hideCursor = `${csi}?25l`;
const showCursor = `${csi}?25h`;
const clearBelow = `${csi}0J`;

/** Lines of the foot, each within `width` columns; what is not known yet is left out. Pure. */
export function foot(
  board: Pick<Board, "running" | "next">,
  at: { readonly now: number; readonly frame: number; readonly width: number },
  language: Language,
  colours: Colors,
): readonly string[] {
  const spinner = frames[at.frame % frames.length] ?? "·";
  const lines = board.running.map((task) => {
    const age = at.now - task.since;
    const note = task.note === "" ? "" : `  ${task.note}`;
    const time = age < 1_000 ? "" : `  ${seconds(age)}`;
    const body = truncate(`${task.title}${note}`, Math.max(10, at.width - 2 - time.length));
    return `${colours.cyan(spinner)} ${body}${colours.dim(time)}`;
  });
  if (board.next.length > 0 && lines.length > 0) {
    const label = language === "zh" ? "接下来：" : "next: ";
    lines.push(colours.dim(truncate(`  ${label}${board.next.join(" · ")}`, at.width)));
  }
  return lines;
}

export function liveProgress(
  screen: Screen,
  language: Language,
  colours: Colors,
  clock: { now(): number } = Date,
): LiveProgress {
  let drawn = 0;
  let frame = 0;
  let closed = false;
  let timer: ReturnType<typeof setInterval> | undefined;

  const draw = (above = ""): void => {
    const lines = foot(
      board,
      { now: clock.now(), frame, width: Math.max(20, screen.columns - 1) },
      language,
      colours,
    );
    const up = drawn > 0 ? `${csi}${drawn}A\r` : "";
    screen.write(`${up}${clearBelow}${above}${lines.map((l) => `${l}\n`).join("")}`);
    drawn = lines.length;
  };
  const rest = (): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    screen.write(showCursor);
  };
  const board: Board = createBoard(
    language,
    {
      changed: (ended) => {
        if (closed) return;
        if (timer === undefined && board.running.length > 0) {
          screen.write(hideCursor);
          timer = setInterval(() => {
            frame += 1;
            draw();
          }, frameMs);
        }
        const mark = ended?.ok ? colours.green("✓") : colours.red("✗");
        draw(ended === undefined ? "" : `${mark} ${ended.title} ${colours.dim(seconds(ended.ms))}\n`);
        if (board.running.length === 0) rest();
      },
    },
    () => clock.now(),
  );
  return {
    task: board.task,
    upcoming: board.upcoming,
    above: (text) => (timer === undefined ? screen.write(text) : draw(text)),
    close: () => {
      // What was drawn of unfinished work would read as a result: it goes.
      if (timer !== undefined) screen.write(`${drawn > 0 ? `${csi}${drawn}A\r` : ""}${clearBelow}`);
      drawn = 0;
      closed = true;
      rest();
    },
  };
}
