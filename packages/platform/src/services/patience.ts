/** How long a server's answer is waited for. */
import type { Ctx } from "./service.ts";

/** Milliseconds to wait where the agent's loop would wait `usualMs`. */
export const patiently = ({ patience }: Pick<Ctx, "patience">, usualMs: number): number => usualMs * patience;

/** A frozen server is still found within a check's minute, and seconds of a busy machine are no finding. */
export const checkPatience = 4;
