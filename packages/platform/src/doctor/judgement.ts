/** The form of one word of the doctor, and what its judges share. */
import { type Text, text } from "../text.ts";
import type { Demand, HostFacts } from "./facts.ts";

export type Health = "ok" | "warn" | "fail";

export interface Diagnosis {
  /** Stable: `file-limit`. */
  readonly id: string;
  readonly title: Text;
  readonly health: Health;
  /** What was read, in both languages. */
  readonly read: Text;
  /** What it does to the mall, and what to do; absent when all is well. */
  readonly fix?: Text;
  readonly source?: string;
}

export type Judge = (facts: HostFacts, demand: Demand) => Omit<Diagnosis, "id" | "title">;

export const same = (said: string): Text => text(said, said);
export const unread: Text = text("cannot be read here", "在此无法读取");

export const unreadFix = (what: string): Text =>
  text(`${what} is not readable here, so this was not looked at`, `此处无法读取 ${what}，因此未检查`);
