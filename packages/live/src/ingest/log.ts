/** One JSON object a line, as the mall's other programs log. Never a query or a key. */
export type Level = "info" | "warn" | "error";
export type Log = (level: Level, message: string, more?: Readonly<Record<string, unknown>>) => void;

export const lineLog =
  (write: (line: string) => void): Log =>
  (level, message, more = {}) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...more })}\n`);
