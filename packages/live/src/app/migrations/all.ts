/** Every step, in the order in which they run. */
import { rooms } from "./0001-rooms.ts";
import { events } from "./0002-events.ts";
import { replays } from "./0003-replays.ts";
import { auctions } from "./0004-auctions.ts";
import { streamReports } from "./0005-stream-reports.ts";
import type { Migration } from "./migration.ts";

export const migrations: readonly Migration[] = [rooms, events, replays, auctions, streamReports];
