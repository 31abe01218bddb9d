/** Where to push, and the room's keys. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { KeyInfo, NewKey, RoomUrls } from "../src/app/api.ts";
import { api, ask, useShared } from "./state.tsx";
import { Confirmed, Value } from "./studio-parts.tsx";

/** A signed address lasts for the longest day on the air. */
const addressSeconds = 86_400;

export function PushAndKeys({ room, token }: { readonly room: string; readonly token: string }) {
  const { t, language } = useShared();
  const [keys, setKeys] = useState<readonly KeyInfo[]>([]);
  const [urls, setUrls] = useState<RoomUrls>();
  const [fresh, setFresh] = useState<NewKey>();
  const [problem, setProblem] = useState<string>();
  const path = { name: room };

  const load = useCallback(async () => {
    const [listed, signed] = await Promise.all([
      ask(api(token).GET("/v1/rooms/{name}/keys", { params: { path } })),
      ask(api(token).GET("/v1/rooms/{name}/urls", { params: { path, query: { ttl: addressSeconds } } })),
    ]);
    if (listed.ok) setKeys(listed.value.keys);
    if (signed.ok) setUrls(signed.value);
    if (!listed.ok || !signed.ok) setProblem("busy");
  }, [room, token]);
  useEffect(() => void load(), [load]);

  const make = async () => {
    const made = await ask(api(token).POST("/v1/rooms/{name}/keys", { params: { path }, body: {} }));
    setProblem(made.ok ? undefined : made.code);
    if (made.ok) setFresh(made.value);
    await load();
  };
  const revoke = async (id: string) => {
    const done = await ask(
      api(token).DELETE("/v1/rooms/{name}/keys/{id}", { params: { path: { ...path, id } } }),
    );
    setProblem(done.ok ? undefined : done.code);
    if (fresh?.id === id) setFresh(undefined);
    await load();
  };
  const at = (time: string) => new Date(time).toLocaleString(language === "zh" ? "zh-CN" : "en");
  const push = urls?.push;
  return (
    <>
      <section class="panel">
        <h2>{t("push")}</h2>
        {push ? (
          <>
            <Value name="server" label={t("server")} value={push.obs.server} />
            <Value name="streamKey" label={t("streamKey")} value={push.obs.streamKey} isSecret />
            <Value name="url" label={t("pushUrl")} value={push.url} isSecret />
            {push.urlTls !== null && (
              <Value name="urlTls" label={t("pushUrlTls")} value={push.urlTls} isSecret />
            )}
            <p class="soft">
              {t("validUntil")} {at(push.expiresAt)}
            </p>
          </>
        ) : (
          <p class="soft">{t(urls === undefined ? "loading" : "noKey")}</p>
        )}
      </section>
      <section class="panel">
        <h2>{t("keys")}</h2>
        {fresh !== undefined && (
          <div class="fresh">
            <p>{t("newKeyOnce")}</p>
            <Value name="newKey" label={t("streamKey")} value={`${room}?key=${fresh.key}`} isSecret />
          </div>
        )}
        {problem !== undefined && (
          <p class="warning" role="alert">
            {t(problem === "TOO_MANY_KEYS" ? "tooManyKeys" : "busy")}
          </p>
        )}
        <ul class="keys">
          {keys.map((key) => (
            <li key={key.id} data-key={key.id} data-state={key.state}>
              <code>{key.id}</code>
              <span class="badge">{t(key.state)}</span>
              <span class="soft">
                {t("made")} {at(key.createdAt)}
              </span>
              {key.state === "valid" && <Confirmed label={t("revoke")} act={() => revoke(key.id)} />}
            </li>
          ))}
        </ul>
        <button type="button" onClick={make}>
          {t("newKey")}
        </button>
      </section>
    </>
  );
}
