/**
 * What is under way, done and next, without a terminal: both ways of showing it read from here.
 * listr2 is not used: it wants the whole tree of tasks before it starts, and here a task begins when the code that
 * does the work says so. It also answers Ctrl-C by itself, which the command line must not leave to it.
 */
import type { Language } from "../../errors.ts";
import type { Progress } from "../../progress.ts";
import type { Text } from "../../text.ts";

export interface Running {
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly note: string;
}

export interface BoardListener {
  /** Anything changed; `ended` is the task that has just finished. */
  changed(ended?: { readonly title: string; readonly ms: number; readonly ok: boolean }): void;
}

export interface Board extends Progress {
  readonly running: readonly Running[];
  /** Titles of what was announced and has not begun. */
  readonly next: readonly string[];
  readonly upcoming: (titles: readonly Text[]) => void;
}

export function createBoard(
  language: Language,
  listener: BoardListener,
  now: () => number = Date.now,
): Board {
  let running: readonly Running[] = [];
  let next: readonly string[] = [];
  return {
    get running() {
      return running;
    },
    get next() {
      return next;
    },
    upcoming(titles) {
      next = titles.map((t) => t[language]);
      listener.changed();
    },
    async task(title, work) {
      let own: Running = { title: title[language], since: now(), note: "" };
      running = [...running, own];
      next = next.filter((t) => t !== own.title);
      listener.changed();
      const note = (detail: string): void => {
        if (!running.includes(own)) return;
        const noted: Running = { ...own, note: detail };
        running = running.map((r) => (r === own ? noted : r));
        own = noted;
        listener.changed();
      };
      let ok = false;
      try {
        const result = await work(note);
        ok = true;
        return result;
      } finally {
        running = running.filter((r) => r !== own);
        listener.changed({ title: own.title, ms: now() - own.since, ok });
      }
    },
  };
}
