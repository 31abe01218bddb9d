/** Small parts of the streamer's page. */
import { useEffect, useState } from "preact/hooks";
import { useShared } from "./state.tsx";

const undecidedMs = 4_000;
const copiedMs = 2_000;

/** What cannot be taken back asks for a second click. */
export function Confirmed({ label, act }: { readonly label: string; readonly act: () => Promise<void> }) {
  const { t } = useShared();
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    if (!isAsked) return undefined;
    const timer = setTimeout(() => setAsked(false), undecidedMs);
    return () => clearTimeout(timer);
  }, [isAsked]);
  return (
    <button
      type="button"
      class={isAsked ? "" : "plain"}
      onClick={() => {
        setAsked(!isAsked);
        if (isAsked) void act();
      }}
    >
      {isAsked ? t("sure") : label}
    </button>
  );
}

/** A value to be copied; a secret one is seen only when asked for, so that a shared screen does not tell it. */
export function Value({
  name,
  label,
  value,
  isSecret = false,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly isSecret?: boolean;
}) {
  const { t } = useShared();
  const [isShown, setShown] = useState(!isSecret);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), copiedMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <div class="value" data-value={name}>
      <span>{label}</span>
      <code>{isShown ? value : "••••••••••••••••"}</code>
      <span class="buttons">
        {isSecret && (
          <button type="button" class="plain" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
            {t(isShown ? "hide" : "show")}
          </button>
        )}
        <button
          type="button"
          class="plain"
          onClick={() =>
            navigator.clipboard.writeText(value).then(
              () => setCopied(true),
              () => setShown(true),
            )
          }
        >
          {t(isCopied ? "copied" : "copy")}
        </button>
      </span>
    </div>
  );
}

export function Settings() {
  const { t } = useShared();
  const all = [
    ["settingService", "settingCustom"],
    ["settingEncoder", "settingEncoders"],
    ["settingRate", "settingRates"],
    ["keyframes", "settingKeyframes"],
    ["frameRate", "settingFrames"],
  ] as const;
  return (
    <section class="panel">
      <h2>{t("settings")}</h2>
      <dl class="settings">
        {all.map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{t(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
