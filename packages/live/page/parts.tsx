/** Small parts that several pages have. */
import type { ComponentChildren } from "preact";
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
