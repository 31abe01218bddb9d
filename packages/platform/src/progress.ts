/** How long work tells what it does. The command line draws it; a test or the agent may ignore it. */
import type { Text } from "./text.ts";

export interface Progress {
  /**
   * Runs `work` as a named, timed task; tasks that run at the same time are shown side by side. `note` replaces
   * the line of detail beside the title, such as "3 of 12 healthy".
   */
  task<T>(title: Text, work: (note: (detail: string) => void) => Promise<T>): Promise<T>;
}

/** Does the work and says nothing. */
export const silent: Progress = { task: (_title, work) => work(() => {}) };
