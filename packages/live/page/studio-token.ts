/**
 * A streamer's token in this tab: never in a cookie, which would be sent by itself, nor in the address' query, which
 * servers log. A link may bring one as `#token=…`, which stays in the browser and is taken out of the address at once.
 */
const name = "live.token";

export function keptToken(): string | undefined {
  const brought = new URLSearchParams(location.hash.slice(1)).get("token");
  if (brought !== null) {
    history.replaceState(null, "", `${location.pathname}${location.search}`);
    keepToken(brought);
  }
  return sessionStorage.getItem(name) ?? undefined;
}

export const keepToken = (token: string): void => sessionStorage.setItem(name, token);
export const forgetToken = (): void => sessionStorage.removeItem(name);
