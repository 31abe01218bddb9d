/** Which renditions a broadcast has, to choose from, and why it has its source alone. */
import { useState } from "preact/hooks";
import type { LadderInfo } from "../src/app/api.ts";
import { type Quality, qualitiesOf } from "./playback.ts";
import { useShared } from "./state.tsx";
import type { Word } from "./words.ts";

export function Qualities({
  renditions,
  choose,
}: {
  readonly renditions: readonly string[];
  readonly choose: (quality: Quality) => void;
}) {
  const { t } = useShared();
  const [chosen, setChosen] = useState<Quality>("auto");
  const all = qualitiesOf(renditions);
  if (all.length === 0) return null;
  return (
    <label>
      <span>{t("quality")}</span>
      <select
        name="quality"
        value={all.includes(chosen) ? chosen : "auto"}
        onChange={(event) => {
          const quality = all.find((one) => one === event.currentTarget.value) ?? "auto";
          setChosen(quality);
          choose(quality);
        }}
      >
        {all.map((quality) => (
          <option key={quality} value={quality}>
            {quality === "auto" || quality === "source" ? t(quality) : quality}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What somebody would look for in vain; that a small picture has no smaller one says itself. */
const reasons: Partial<Record<LadderInfo["state"], Word>> = {
  limitReached: "limitReached",
  tooSlow: "tooSlow",
  failed: "ladderFailed",
};

export function PassedThrough({ ladder }: { readonly ladder: LadderInfo | null | undefined }) {
  const { t } = useShared();
  const reason = ladder && reasons[ladder.state];
  if (!reason) return null;
  return (
    <span class="soft" data-ladder={ladder.state}>
      {t(reason)}
    </span>
  );
}
