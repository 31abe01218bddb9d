/** What every step works with. */
import type { Ctx } from "../service.ts";
import { flagOf, type Session } from "./client.ts";
import type { MysqlSpec } from "./spec.ts";
import type { State } from "./state.ts";

/** A step's own connection, and the observation that it was confirmed by. */
export interface Step {
  readonly ctx: Ctx<MysqlSpec>;
  readonly session: Session;
  readonly state: State;
}

/** Whether a global variable is on, read on the step's own connection. */
export async function isOn(session: Session, variable: string): Promise<boolean> {
  const [row] = await session.rows("SELECT @@GLOBAL.?? AS value", [variable]);
  return flagOf(row, "value");
}
