/**
 * Who is watching: a session is one signature from one address, or the viewer whom a path's signature names, seen while
 * its entry in the shared zone lives.
 */
import fs from "node:fs";

/** A zone of a hundred thousand sessions is larger than an edge is ever given. */
export const mostSessions = 100_000;

/** Of a stream's session; names of streams hold no blank. */
export const sessionKey = (stream: string, viewer: string): string => `${stream} ${viewer}`;

/** Each session once: nginx writes a line for every playlist, in the form of `sessionKey`. */
export const sessionsIn = (lines: string): ReadonlySet<string> =>
  new Set(lines.split("\n").filter((line) => /^[a-z0-9_-]+ [0-9a-f]{16}$/.test(line)));

/**
 * The text of a file that others append to, and that is empty afterwards. What is appended between the two is lost; a
 * player comes back within seconds.
 */
export function taken(file: string): string {
  try {
    const text = fs.readFileSync(file, "utf8");
    if (text !== "") fs.writeFileSync(file, "");
    return text;
  } catch {
    // Nobody has asked yet.
    return "";
  }
}

/** Sessions by stream, from the zone's keys. */
export function sessionsByStream(keys: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const sessions = new Map<string, string[]>();
  for (const key of keys) {
    const blank = key.indexOf(" ");
    const stream = key.slice(0, blank);
    const of = sessions.get(stream);
    if (of === undefined) sessions.set(stream, [key.slice(blank + 1)]);
    else of.push(key.slice(blank + 1));
  }
  return Object.fromEntries([...sessions].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const countByStream = (keys: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(sessionsByStream(keys)).map(([stream, of]) => [stream, of.length]));
