/** Signing in and out. */
import { useState } from "preact/hooks";
import { AskError, ask, go, useShared } from "./state.tsx";
import type { Word } from "./words.ts";

export function Account() {
  const { t, pick, session, refreshSession } = useShared();
  const signOut = async () => {
    await ask("/api/session", "DELETE").catch(() => {});
    await refreshSession();
  };
  const isIn = session?.consumer || session?.merchant;
  return (
    <section class="narrow account">
      <h1>{t(isIn ? "account" : "signIn")}</h1>
      {session?.consumer && (
        <p class="notice good">
          {t("hello")}
          <strong>{session.consumer.name}</strong> · {t("consumerNumber")} {session.consumer.id}
        </p>
      )}
      {session?.merchant && (
        <p class="notice good">
          {t("hello")}
          <strong>{pick(session.merchant)}</strong> · {t("merchantNumber")} {session.merchant.id}
        </p>
      )}
      <p class="note">{t("sampleNote")}</p>
      <div class="forms">
        <SignIn as="consumer" title="asConsumer" label="consumerNumber" then="/" />
        <SignIn as="merchant" title="asMerchant" label="merchantNumber" then="/sales" />
      </div>
      {isIn && (
        <button type="button" class="plain" onClick={signOut}>
          {t("signOut")}
        </button>
      )}
    </section>
  );
}

function SignIn({
  as,
  title,
  label,
  then,
}: {
  readonly as: "consumer" | "merchant";
  readonly title: Word;
  readonly label: Word;
  readonly then: string;
}) {
  const { t, info, refreshSession } = useShared();
  const most = as === "consumer" ? info?.consumers : info?.merchants;
  const [id, setId] = useState("1");
  const [problem, setProblem] = useState<Word>();
  return (
    <form
      class="panel"
      onSubmit={async (event) => {
        event.preventDefault();
        try {
          await ask("/api/session", "POST", { as, id: Number(id) });
          await refreshSession();
          go(then);
        } catch (error) {
          if (!(error instanceof AskError)) throw error;
          setProblem(error.problem === "busy" ? "busy" : "noSuchAccount");
        }
      }}
    >
      <h2>{t(title)}</h2>
      <label>
        <span>
          {t(label)} (1–{most?.toLocaleString("en")})
        </span>
        <input
          name={as}
          type="number"
          min="1"
          max={most}
          required
          value={id}
          onInput={(event) => setId(event.currentTarget.value)}
        />
      </label>
      {problem !== undefined && <p role="alert">{t(problem)}</p>}
      <button type="submit">{t("signIn")}</button>
    </form>
  );
}
