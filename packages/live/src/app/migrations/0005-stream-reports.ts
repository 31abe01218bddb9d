/** What the ingest last said of a room's stream. */
import { bin, type Migration } from "./migration.ts";

export const streamReports: Migration = {
  id: 5,
  name: "reports of streams",
  statements: [
    // A row a room, not a broadcast: it is of use only while the stream comes in.
    `CREATE TABLE IF NOT EXISTS stream_reports (
        room VARCHAR(64) ${bin} NOT NULL PRIMARY KEY,
        broadcast VARCHAR(32) ${bin} NOT NULL,
        report JSON NOT NULL,
        CONSTRAINT stream_reports_of_room FOREIGN KEY (room) REFERENCES rooms (name) ON DELETE CASCADE
      )`,
  ],
};
