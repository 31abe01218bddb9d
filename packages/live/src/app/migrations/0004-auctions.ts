/** Auctions and their bids. */
import { bin, type Migration } from "./migration.ts";

/** Users' names are the mall's own: any text, compared as it is. */
const user = "VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin";

export const auctions: Migration = {
  id: 4,
  name: "auctions and bids",
  statements: [
    // Price and leader stand in the last bid alone. One open auction a room is the database's own rule.
    `CREATE TABLE IF NOT EXISTS auctions (
        id VARCHAR(32) ${bin} NOT NULL PRIMARY KEY,
        room VARCHAR(64) ${bin} NOT NULL,
        title VARCHAR(200) NOT NULL,
        currency CHAR(3) ${bin} NOT NULL,
        opening_price BIGINT NOT NULL,
        reserve BIGINT NULL,
        increments JSON NOT NULL,
        extension_ms INT NOT NULL,
        opened_at DATETIME(3) NOT NULL,
        ends_at DATETIME(3) NOT NULL,
        bids INT NOT NULL DEFAULT 0,
        bidders INT NOT NULL DEFAULT 0,
        closed_at DATETIME(3) NULL,
        outcome ENUM('sold', 'reserve-not-met', 'no-bids', 'cancelled') NULL,
        open_room VARCHAR(64) ${bin} GENERATED ALWAYS AS (IF(closed_at IS NULL, room, NULL)) STORED,
        UNIQUE KEY auctions_open (open_room),
        KEY auctions_room (room, opened_at),
        KEY auctions_due (closed_at, ends_at)
      )`,
    // No foreign key: each would lock the auction's row once more.
    `CREATE TABLE IF NOT EXISTS auction_bids (
        auction VARCHAR(32) ${bin} NOT NULL,
        sequence INT NOT NULL,
        bid_id VARCHAR(64) ${bin} NOT NULL,
        bidder ${user} NOT NULL,
        paddle INT NOT NULL,
        amount BIGINT NOT NULL,
        at DATETIME(3) NOT NULL,
        extended_to DATETIME(3) NULL,
        PRIMARY KEY (auction, sequence),
        UNIQUE KEY auction_bids_once (auction, bidder, bid_id)
      )`,
  ],
};
