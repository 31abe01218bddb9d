/** Rooms, stream keys and broadcasts. */
import { bin, type Migration } from "./migration.ts";

export const rooms: Migration = {
  id: 1,
  name: "rooms, stream keys, broadcasts",
  statements: [
    `CREATE TABLE IF NOT EXISTS rooms (
        name VARCHAR(64) ${bin} NOT NULL PRIMARY KEY,
        title VARCHAR(200) NOT NULL,
        merchant VARCHAR(64) NOT NULL,
        visibility ENUM('public', 'members') NOT NULL DEFAULT 'public',
        created_at DATETIME(3) NOT NULL,
        banned_until DATETIME(3) NULL,
        KEY rooms_merchant (merchant)
      )`,
    `CREATE TABLE IF NOT EXISTS stream_keys (
        id VARCHAR(32) ${bin} NOT NULL PRIMARY KEY,
        room VARCHAR(64) ${bin} NOT NULL,
        sealed VARBINARY(255) NOT NULL,
        hash BINARY(32) NOT NULL,
        created_at DATETIME(3) NOT NULL,
        expires_at DATETIME(3) NULL,
        revoked_at DATETIME(3) NULL,
        UNIQUE KEY stream_keys_hash (hash),
        KEY stream_keys_room (room),
        CONSTRAINT stream_keys_of_room FOREIGN KEY (room) REFERENCES rooms (name) ON DELETE CASCADE
      )`,
    // No foreign keys: what was broadcast stays known when its room or key is gone. One live broadcast a room is the
    // database's own rule: live_room is the room while the broadcast has not ended.
    `CREATE TABLE IF NOT EXISTS broadcasts (
        id VARCHAR(32) ${bin} NOT NULL PRIMARY KEY,
        room VARCHAR(64) ${bin} NOT NULL,
        key_id VARCHAR(32) ${bin} NOT NULL,
        instance VARCHAR(64) ${bin} NOT NULL,
        client_id VARCHAR(32) ${bin} NOT NULL,
        address VARCHAR(64) ${bin} NOT NULL,
        started_at DATETIME(3) NOT NULL,
        seen_at DATETIME(3) NOT NULL,
        ended_at DATETIME(3) NULL,
        end_reason VARCHAR(64) NULL,
        kicked_at DATETIME(3) NULL,
        live_room VARCHAR(64) ${bin} GENERATED ALWAYS AS (IF(ended_at IS NULL, room, NULL)) STORED,
        UNIQUE KEY broadcasts_live (live_room),
        KEY broadcasts_room (room, started_at)
      )`,
  ],
};
