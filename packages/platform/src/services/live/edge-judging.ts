/** What nginx itself knows of requests for playlists and segments: who may, and what of them may be logged. Pure. */
import { runDir } from "../../plan/names.ts";
import { anyReferer, type EdgeConfig } from "./edge-spec.ts";

/**
 * What is signed in its path is judged by nginx alone: by the key that the signature names, made known by the
 * entrypoint. Who names another one is judged by a text that nobody can know beforehand.
 */
export const judging = ({ referers, allowEmptyReferer }: EdgeConfig): string => `map $live_key_id $live_key {
  default $request_id;
  include ${runDir}/play-keys.conf;
}
map "$host $http_referer" $live_foreign {
${refererRules(referers, allowEmptyReferer)
  .map(([rule, foreign]) => `  ${rule} ${foreign};\n`)
  .join("")}}
map "$request_method $live_foreign $secure_link" $live_verdict {
  "~^(?:GET|HEAD) 0 1$" "";
  "~^(?!GET |HEAD )" method;
  "~ 1 [01]?$" referer;
  "~ 0$" expired;
  default altered;
}
map $uri $live_logged {
  "~^/live/~[^/]*(?<live_rest>/.*)$" "/live$live_rest";
  default $uri;
}
map "$status $live_rendition" $live_watches {
  "~^(?:200|304) ." 1;
  default "";
}`;

/**
 * Which pages may play, by the host that is asked and the Referer: that host's own always, for the player lies there;
 * every other one is foreign, and so is a Referer that cannot be read, or that names a user.
 * @returns rules of an nginx map, and what each says
 */
export function refererRules(referers: readonly string[], allowEmpty: boolean): readonly [string, 0 | 1][] {
  if (referers.includes(anyReferer)) return [["default", 0]];
  const page = (host: string): string => `"~*^\\S* https?://${host}(?::[0-9]{1,5})?(?:[/?#]|$)"`;
  const named = referers.map((name) =>
    name.startsWith("*.") ? `[a-z0-9._-]+${literal(name.slice(1))}` : literal(name),
  );
  return [
    ...(allowEmpty ? [[`"~^\\S* $"`, 0] satisfies [string, 0]] : []),
    [`"~*^(\\S+) https?://\\1(?::[0-9]{1,5})?(?:[/?#]|$)"`, 0],
    ...named.map((host): [string, 0] => [page(host), 0]),
    ["default", 1],
  ];
}

const literal = (name: string): string => name.replaceAll(".", "\\.");
