import { expect, test } from "vitest";
import { emptyHistogram, observe, renderMetrics } from "./metrics.ts";

const rendition = {
  name: "source",
  sequence: 7,
  segments: 3,
  lost: 0,
  fault: undefined,
  discontinuities: 0,
  targetDuration: 3,
  lastSegmentAt: undefined,
  peakBandwidth: 9,
  averageBandwidth: 8,
  bandwidth: 8,
  frameRate: 25,
  keyframeSeconds: 1,
  media: {},
};
const figures = {
  live: [
    {
      stream: "room",
      broadcast: "b1234",
      clientId: "1",
      address: "10.0.0.7",
      state: "live" as const,
      since: "2026-01-01T00:00:00.000Z",
      figures: {
        ...{ ffmpegPid: 7, restarts: 2, ladder: "on" as const, ladderPid: 8, ladderRestarts: 3 },
        renditions: [rendition],
      },
    },
  ],
  refused: { 'KEY_"WRONG': 4 },
  accepted: 5,
  failedOpen: 0,
  untold: 0,
  uploads: { waiting: 6, waitingBytes: 900, uploaded: 40, uploadedBytes: 8_000, dropped: 1, failures: 2 },
  answers: observe(observe(emptyHistogram, 0.004), 3),
  origin:
    "Active connections: 2 \nserver accepts handled requests\n 10 10 31 \nReading: 0 Writing: 1 Waiting: 1 \n",
};

test("says each figure once, with its type", () => {
  const text = renderMetrics(figures);
  expect(text).toContain("live_ingest_streams 1\n");
  expect(text).toContain('live_ingest_refused_total{code="KEY_\\"WRONG"} 4\n');
  expect(text).toContain('live_ingest_ffmpeg_restarts{stream="room"} 2\n');
  expect(text).toContain('live_ingest_segments{stream="room",rendition="source"} 3\n');
  expect(text).toContain('live_ingest_authorization_seconds_bucket{le="0.005"} 1\n');
  expect(text).toContain('live_ingest_authorization_seconds_bucket{le="2"} 1\n');
  expect(text).toContain('live_ingest_authorization_seconds_bucket{le="5"} 2\n');
  expect(text).toContain("live_ingest_authorization_seconds_sum 3.004\n");
  expect(text).toContain("live_ingest_origin_requests_total 31\n");
  expect(text).toContain("live_ingest_uploads_waiting 6\n");
  expect(text).toContain("live_ingest_uploads_dropped_total 1\n");
  for (const line of text.trimEnd().split("\n")) {
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[^{}]*\})? [0-9.e+-]+)$/);
  }
  const types = text.match(/# TYPE (\S+)/g) ?? [];
  expect(new Set(types).size).toBe(types.length);
});

test("without streams and without an origin there is still something to read", () => {
  const text = renderMetrics({ ...figures, live: [], origin: undefined, uploads: undefined });
  expect(text).toContain("live_ingest_streams 0\n");
  expect(text).not.toMatch(/origin|upload/);
});
