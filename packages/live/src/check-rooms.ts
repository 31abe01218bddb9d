/**
 * Rooms that `mall verify` makes and deletes within a minute have names of their own: consumers of events know them by
 * that, and what they leave in the database goes after a day.
 */
export const checkRoomPrefix = "mall-check-";

/** With its age in it, so that what was left behind is known as such. @param random eight hex digits */
export const checkRoomName = (now: number, random: string): string =>
  `${checkRoomPrefix}${now.toString(36)}-${random}`;

/** When a check made it, Unix ms; undefined for any other room. */
export function checkRoomMadeAt(name: string): number | undefined {
  const [, made] = /^mall-check-([0-9a-z]{8,9})-[0-9a-f]{8}$/.exec(name) ?? [];
  return made === undefined ? undefined : Number.parseInt(made, 36);
}
