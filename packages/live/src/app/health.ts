/** How a stream comes in: the ingests' reports, kept in MySQL for whichever instance is asked, and what is wrong with them. */
import type { HealthWarning, RoomHealth } from "./api.ts";
import type { Database } from "./database.ts";
import type { StreamReport } from "./input.ts";

export interface Health {
  /** The last report counts. */
  note(room: string, broadcast: string, report: StreamReport): Promise<void>;
  of(room: string): Promise<RoomHealth>;
}

export function healthIn(database: Database): Health {
  return {
    note: (room, broadcast, report) =>
      database.use(async (session) => {
        await session.run(
          `INSERT INTO stream_reports (room, broadcast, report) VALUES (?, ?, ?) AS fresh
           ON DUPLICATE KEY UPDATE broadcast = fresh.broadcast, report = fresh.report`,
          [room, broadcast, JSON.stringify(report)],
        );
      }),
    of: (room) =>
      database.use(async (session) => {
        // A report of an earlier broadcast says nothing of the one that is live.
        const [row] = await session.rows<{ readonly now: Date; readonly report: StreamReport }>(
          `SELECT NOW(3) AS now, s.report FROM stream_reports s
           JOIN broadcasts b ON b.id = s.broadcast AND b.live_room = s.room WHERE s.room = ?`,
          [room],
        );
        return row === undefined ? { stream: null, warnings: [] } : healthOf(row.report, row.now.getTime());
      }),
  };
}

/** The plan's fragment of 3 s: keyframes farther apart make longer segments. */
const farKeyframesSeconds = 3.1;
/** Ingests report every 2 s, and a segment lasts 3 s to 10 s. */
const silentSeconds = 20;
const fewPictures = 20;
/** H.264 below this many bits per pixel is blurred where the picture moves; a still picture needs no more. */
const leastBitsPerPixel = 0.015;
/** What many viewers' networks no longer carry. */
const mostBitsPerSecond = 12_000_000;

/** Pure. @param now ms, by the database's clock */
export function healthOf(report: StreamReport, now: number): RoomHealth {
  const { bitsPerSecond, frameRate, keyframeSeconds, segments, lost, restarts, video, audio } = report;
  const secondsSinceSegment = Math.max(0, (now - Date.parse(report.lastSegmentAt)) / 1_000);
  const pixelsPerSecond = (video?.width ?? 0) * (video?.height ?? 0) * frameRate;
  const found: readonly (readonly [HealthWarning, boolean])[] = [
    ["silent", secondsSinceSegment > silentSeconds],
    ["noVideo", video === undefined],
    ["noAudio", audio === undefined],
    ["keyframesFar", keyframeSeconds > farKeyframesSeconds],
    ["fewPictures", video !== undefined && frameRate < fewPictures],
    ["bitrateLow", video !== undefined && bitsPerSecond < leastBitsPerPixel * pixelsPerSecond],
    ["bitrateHigh", bitsPerSecond > mostBitsPerSecond],
    ["lost", lost > 0],
  ];
  return {
    stream: {
      ...{ bitsPerSecond, frameRate, keyframeSeconds, segments, lost, restarts, secondsSinceSegment },
      video: video ?? null,
      audio: audio ?? null,
    },
    warnings: found.filter(([, holds]) => holds).map(([warning]) => warning),
  };
}
