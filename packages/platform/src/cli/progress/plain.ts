/**
 * Progress as lines of text, where no terminal can be drawn on: one line per finished task with its time; for what
 * takes longer, a line when two seconds have passed, and one every 15 s after that.
 */
import type { Language } from "../../errors.ts";
import type { Progress } from "../../progress.ts";
import { type Board, createBoard, type Running } from "./board.ts";
import { seconds } from "./seconds.ts";

export const firstLineMs = 2_000;
export const againMs = 15_000;

export interface Closing extends Progress {
  /** Nothing is written or timed after it. */
  close(): void;
}

export function plainProgress(
  write: (line: string) => void,
  language: Language,
  clock: { now(): number } = Date,
): Closing {
  const said = new Map<string, number>();
  let closed = false;
  let timer: ReturnType<typeof setInterval> | undefined;

  const line = (task: Running): string => {
    const detail = task.note === "" ? "" : `: ${task.note}`;
    const next = board.next[0];
    const after = next === undefined ? "" : language === "zh" ? `；接下来：${next}` : `; next: ${next}`;
    return `… ${task.title}${detail} (${seconds(clock.now() - task.since)}${after})`;
  };
  const tick = (): void => {
    for (const task of board.running) {
      const age = clock.now() - task.since;
      const last = said.get(task.title);
      if (age < firstLineMs || (last !== undefined && clock.now() - last < againMs)) continue;
      said.set(task.title, clock.now());
      write(line(task));
    }
  };
  const rest = (): void => {
    if (timer !== undefined) clearInterval(timer);
    timer = undefined;
  };
  const board: Board = createBoard(
    language,
    {
      changed: (ended) => {
        if (closed) return;
        if (ended !== undefined) {
          said.delete(ended.title);
          write(`${ended.ok ? "✓" : "✗"} ${ended.title} (${seconds(ended.ms)})`);
        }
        if (board.running.length === 0) rest();
        else timer ??= setInterval(tick, 500);
      },
    },
    () => clock.now(),
  );
  return {
    task: board.task,
    upcoming: board.upcoming,
    close: () => {
      closed = true;
      rest();
    },
  };
}
