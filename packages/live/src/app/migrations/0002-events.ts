/** Events on their way, pinned products, planned starts. */
import { bin, type Migration } from "./migration.ts";

export const events: Migration = {
  id: 2,
  name: "events, pinned products, planned starts",
  statements: [
    // The row is what transactions of one room wait for when they announce something. No foreign key: the events of a
    // room that is gone are still told, and one that is made anew under its name goes on counting.
    `CREATE TABLE IF NOT EXISTS room_sequences (
        room VARCHAR(64) ${bin} NOT NULL PRIMARY KEY,
        last BIGINT NOT NULL,
        indexed BIGINT NOT NULL DEFAULT -1
      )`,
    `INSERT IGNORE INTO room_sequences (room, last) SELECT name, 0 FROM rooms`,
    `CREATE TABLE IF NOT EXISTS outbox (
        id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        event_id CHAR(36) ${bin} NOT NULL,
        room VARCHAR(64) ${bin} NOT NULL,
        sequence BIGINT NOT NULL,
        type VARCHAR(64) ${bin} NOT NULL,
        data JSON NOT NULL,
        at DATETIME(3) NOT NULL,
        published_at DATETIME(3) NULL,
        KEY outbox_published (published_at, id)
      )`,
    `CREATE TABLE IF NOT EXISTS pins (
        id VARCHAR(32) ${bin} NOT NULL PRIMARY KEY,
        room VARCHAR(64) ${bin} NOT NULL,
        broadcast VARCHAR(32) ${bin} NOT NULL,
        product VARCHAR(64) ${bin} NOT NULL,
        title VARCHAR(200) NOT NULL,
        pinned_at DATETIME(3) NOT NULL,
        unpinned_at DATETIME(3) NULL,
        KEY pins_broadcast (broadcast, pinned_at)
      )`,
    `CREATE TABLE IF NOT EXISTS planned_starts (
        room VARCHAR(64) ${bin} NOT NULL PRIMARY KEY,
        starts_at DATETIME(3) NOT NULL,
        CONSTRAINT planned_starts_of_room FOREIGN KEY (room) REFERENCES rooms (name) ON DELETE CASCADE
      )`,
  ],
};
