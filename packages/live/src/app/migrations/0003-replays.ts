/** Recordings of broadcasts, from their first second to the day on which they are deleted. */
import { bin, type Migration } from "./migration.ts";

export const replays: Migration = {
  id: 3,
  name: "replays",
  statements: [
    // A row comes with its broadcast and goes with the last object in the bucket. `whole`: the ingest has said that it
    // has uploaded all. `claim`: the instance that works on it, until then.
    `CREATE TABLE IF NOT EXISTS replays (
        broadcast VARCHAR(32) ${bin} NOT NULL PRIMARY KEY,
        room VARCHAR(64) ${bin} NOT NULL,
        state ENUM('waiting', 'ready', 'empty', 'deleting') NOT NULL DEFAULT 'waiting',
        started_at DATETIME(3) NOT NULL,
        heard_at DATETIME(3) NULL,
        whole BOOLEAN NOT NULL DEFAULT FALSE,
        dropped INT UNSIGNED NOT NULL DEFAULT 0,
        seconds DECIMAL(10, 3) NOT NULL DEFAULT 0,
        segments INT UNSIGNED NOT NULL DEFAULT 0,
        bytes BIGINT UNSIGNED NOT NULL DEFAULT 0,
        poster BOOLEAN NOT NULL DEFAULT FALSE,
        ready_at DATETIME(3) NULL,
        claim VARCHAR(64) ${bin} NULL,
        claimed_until DATETIME(3) NULL,
        KEY replays_room (room, broadcast),
        KEY replays_state (state, started_at)
      )`,
  ],
};
