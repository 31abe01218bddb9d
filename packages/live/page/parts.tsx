/** Small parts that several pages have. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { go, pathTo, useShared } from "./state.tsx";

/** A link within the page: no reload, but a new tab and a copied address work. */
export function Link({
  to,
  children,
  ...more
}: {
  readonly to: string;
  readonly children: ComponentChildren;
  readonly class?: string;
}) {
  const path = pathTo(to);
  return (
    <a
      href={path}
      {...more}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(path);
      }}
    >
      {children}
    </a>
  );
}

export function StateBadge({ state }: { readonly state: "idle" | "live" | "ended" }) {
  const { t } = useShared();
  return <span class={`badge ${state}`}>{t(state === "ended" ? "over" : state)}</span>;
}

/** A browser begins silent, or not at all, until its visitor has touched the page: the way out is one button. */
export function Sound({ video }: { readonly video: { readonly current: HTMLVideoElement | null } }) {
  const { t } = useShared();
  const [state, setState] = useState({ muted: false, paused: false });
  useEffect(() => {
    const element = video.current;
    if (element === null) return undefined;
    const changed = () => setState({ muted: element.muted, paused: element.paused });
    changed();
    const events = ["volumechange", "pause", "play"];
    for (const event of events) element.addEventListener(event, changed);
    return () => {
      for (const event of events) element.removeEventListener(event, changed);
    };
  }, []);
  if (!state.muted && !state.paused) return null;
  return (
    <button
      type="button"
      class="sound"
      onClick={() => {
        const element = video.current;
        if (element === null) return;
        element.muted = false;
        void element.play().catch(() => {});
      }}
    >
      {t(state.paused ? "play" : "unmute")}
    </button>
  );
}
