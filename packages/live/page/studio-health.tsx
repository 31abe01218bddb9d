/** How the stream comes in: its figures, and what to do where one of them is no good. */
import type { LadderInfo, RoomHealth } from "../src/app/api.ts";
import { bitrate, decimal } from "./figures.ts";
import { qualitiesOf } from "./playback.ts";
import { PassedThrough } from "./quality.tsx";
import { useShared } from "./state.tsx";

export function StreamHealthView({
  isLive,
  health,
  ladder,
}: {
  readonly isLive: boolean;
  readonly ladder: LadderInfo | null;
  readonly health: RoomHealth | undefined;
}) {
  const { t } = useShared();
  const stream = isLive ? health?.stream : null;
  const warnings = stream ? (health?.warnings ?? []) : [];
  const renditions = ["source", ...qualitiesOf(ladder?.renditions ?? []).slice(2)]
    .map((name) => (name === "source" ? t("source") : name))
    .join(", ");
  const figures =
    stream &&
    ([
      ["bitrate", bitrate(stream.bitsPerSecond)],
      ["frameRate", `${decimal(stream.frameRate)} ${t("perSecond")}`],
      ["keyframes", `${decimal(stream.keyframeSeconds)} ${t("seconds")}`],
      ["picture", stream.video === null ? t("none") : `${stream.video.width} × ${stream.video.height}`],
      ["sound", stream.audio === null ? t("none") : stream.audio.codec.toUpperCase()],
      ["qualities", renditions],
    ] as const);
  return (
    <section class="panel" data-health={stream ? warnings.join(" ") || "well" : "none"}>
      <h2>{t("health")}</h2>
      {figures ? (
        <dl class="figures">
          {figures.map(([name, value]) => (
            <div key={name} data-figure={name}>
              <dt>{t(name)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p class="soft">{t(isLive ? "firstSegment" : "notPushing")}</p>
      )}
      <div role="status">
        {stream && <PassedThrough ladder={ladder} />}
        {warnings.map((warning) => (
          <p key={warning} class="warning" data-warning={warning}>
            {t(warning)}
          </p>
        ))}
        {stream && warnings.length === 0 && <p class="well">{t("allWell")}</p>}
      </div>
    </section>
  );
}
