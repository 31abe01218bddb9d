/** Figures in the text format of Prometheus (its exposition format 0.0.4). Pure. */
import type { LiveStream } from "./sessions.ts";
import type { UploadFigures } from "./upload.ts";

export interface Figures {
  readonly live: readonly LiveStream[];
  readonly refused: Readonly<Record<string, number>>;
  readonly accepted: number;
  readonly failedOpen: number;
  readonly untold: number;
  /** Undefined where nothing is recorded. */
  readonly uploads: UploadFigures | undefined;
  readonly answers: Histogram;
  /** nginx's `stub_status` of the origin; undefined when it does not answer. */
  readonly origin: string | undefined;
}

export interface Histogram {
  readonly count: number;
  readonly sum: number;
  /** How many were at most as long, by bound in seconds. */
  readonly buckets: readonly { readonly bound: number; readonly count: number }[];
}

const bounds = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

export const emptyHistogram: Histogram = {
  count: 0,
  sum: 0,
  buckets: bounds.map((bound) => ({ bound, count: 0 })),
};

export const observe = (histogram: Histogram, seconds: number): Histogram => ({
  count: histogram.count + 1,
  sum: histogram.sum + seconds,
  buckets: histogram.buckets.map(({ bound, count }) => ({
    bound,
    count: count + (seconds <= bound ? 1 : 0),
  })),
});

type Labels = Readonly<Record<string, string | number>>;
type Sample = readonly [Labels, number];

export function renderMetrics(figures: Figures): string {
  const { live, answers } = figures;
  const renditions = live.flatMap((each) =>
    each.figures.renditions.map((r) => ({ labels: { stream: each.stream, rendition: r.name }, r })),
  );
  const of = (pick: (r: (typeof renditions)[number]["r"]) => number): readonly Sample[] =>
    renditions.map(({ labels, r }) => [labels, pick(r)]);
  return [
    metric("live_ingest_streams", "gauge", "Streams that are broadcast here.", [[{}, live.length]]),
    metric("live_ingest_accepted_total", "counter", "Publishers let in.", [[{}, figures.accepted]]),
    metric(
      "live_ingest_refused_total",
      "counter",
      "Publishers refused, by reason.",
      Object.entries(figures.refused).map(([code, count]) => [{ code }, count]),
    ),
    metric(
      "live_ingest_updates_unanswered_total",
      "counter",
      "Updates let pass as the application was away.",
      [[{}, figures.failedOpen]],
    ),
    metric("live_ingest_ends_untold", "gauge", "Ends that the application was not told of yet.", [
      [{}, figures.untold],
    ]),
    metric(
      "live_ingest_ffmpeg_restarts",
      "gauge",
      "Runs of ffmpeg beyond the first, of each live broadcast.",
      live.map((each) => [{ stream: each.stream }, each.figures.restarts]),
    ),
    metric(
      "live_ingest_segments",
      "gauge",
      "Segments made of a live broadcast.",
      of((r) => r.segments),
    ),
    metric(
      "live_ingest_segments_lost",
      "gauge",
      "Segments that could not be kept.",
      of((r) => r.lost),
    ),
    metric(
      "live_ingest_bandwidth_bits",
      "gauge",
      "Of the last segment, bits per second.",
      of((r) => r.bandwidth),
    ),
    metric("live_ingest_keyframe_seconds", "gauge", "Longest time between keyframes of the last segment.", [
      ...of((r) => r.keyframeSeconds),
    ]),
    figures.uploads === undefined ? "" : uploadMetrics(figures.uploads),
    histogram(
      "live_ingest_authorization_seconds",
      "Time the application took to judge a publisher.",
      answers,
    ),
    figures.origin === undefined ? "" : originMetrics(figures.origin),
  ].join("");
}

function uploadMetrics({ waiting, waitingBytes, ...totals }: UploadFigures): string {
  return [
    metric("live_ingest_uploads_waiting", "gauge", "Objects of recordings that are still to be uploaded.", [
      [{}, waiting],
    ]),
    metric("live_ingest_uploads_waiting_bytes", "gauge", "Bytes of the disk that wait to be uploaded.", [
      [{}, waitingBytes],
    ]),
    metric("live_ingest_uploads_total", "counter", "Segments uploaded.", [[{}, totals.uploaded]]),
    metric("live_ingest_uploads_bytes_total", "counter", "Bytes uploaded.", [[{}, totals.uploadedBytes]]),
    metric("live_ingest_uploads_dropped_total", "counter", "Segments missing from a recording.", [
      [{}, totals.dropped],
    ]),
    metric("live_ingest_upload_failures_total", "counter", "Attempts that failed and were made again.", [
      [{}, totals.failures],
    ]),
  ].join("");
}

function metric(name: string, type: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([labels, value]) => `${name}${labelsOf(labels)} ${value}\n`).join("");
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines}`;
}

function histogram(name: string, help: string, { count, sum, buckets }: Histogram): string {
  const lines = [
    ...buckets.map((each) => `${name}_bucket{le="${each.bound}"} ${each.count}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum}`,
    `${name}_count ${count}`,
  ];
  return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${lines.join("\n")}\n`;
}

function labelsOf(labels: Labels): string {
  const all = Object.entries(labels).map(
    ([key, value]) => `${key}="${String(value).replaceAll(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`,
  );
  return all.length === 0 ? "" : `{${all.join(",")}}`;
}

/** ngx_http_stub_status_module: `Active connections: 1`, then accepts, handled and requests. */
function originMetrics(text: string): string {
  const active = Number(/Active connections: (\d+)/.exec(text)?.[1] ?? 0);
  const [, accepts, , requests] = /^ (\d+) (\d+) (\d+)/m.exec(text) ?? [];
  return [
    metric("live_ingest_origin_connections", "gauge", "Connections to the origin.", [[{}, active]]),
    metric("live_ingest_origin_accepts_total", "counter", "Connections the origin took.", [
      [{}, Number(accepts ?? 0)],
    ]),
    metric("live_ingest_origin_requests_total", "counter", "Requests the origin answered.", [
      [{}, Number(requests ?? 0)],
    ]),
  ].join("");
}
