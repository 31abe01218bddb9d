/** How long work tells what it does. The command line draws it; a test or the agent may ignore it. */
import type { Text } from "./text.ts";

export interface Progress {
  /**
   * Runs `work` as a named, timed task; tasks that run at the same time are shown side by side. `note` replaces
   * the line of detail beside the title, such as "3 of 12 healthy".
   */
  task<T>(title: Text, work: (note: (detail: string) => void) => Promise<T>): Promise<T>;
  /**
   * Names the tasks that will follow, in their order, so that what is next can be shown. A task leaves the list
   * when it begins; calling again replaces the list.
   */
  readonly upcoming?: (titles: readonly Text[]) => void;
}

/** Does the work and says nothing. */
export const silent: Progress = { task: (_title, work) => work(() => {}) };
