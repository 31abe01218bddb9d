/** Hotlink protection by Referer: which pages may play a stream. */

export interface RefererRules {
  /** Beside the host that is asked: host names, `*.example.com` for every name below one, `*` for any page. */
  readonly allowed: readonly string[];
  /** Whether a request without Referer is let in: players that are no browsers send none. */
  readonly allowEmpty: boolean;
}

export const anyPage = "*";

/** Host of an absolute http(s) address, lower case, without port; nothing for anything else, and none with a user. */
const origin = /^https?:\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?#]|$)/i;

/**
 * Whether a page with this Referer may play. The host that was asked is always allowed: the player page lies there.
 * A Referer that cannot be read is foreign.
 */
export function refererAllowed(
  referer: string | undefined,
  askedHost: string | undefined,
  { allowed, allowEmpty }: RefererRules,
): boolean {
  if (allowed.includes(anyPage)) return true;
  if (referer === undefined || referer === "") return allowEmpty;
  const host = origin.exec(referer)?.[1]?.toLowerCase();
  if (host === undefined) return false;
  return host === askedHost?.toLowerCase() || allowed.some((pattern) => matches(host, pattern));
}

const matches = (host: string, pattern: string): boolean =>
  pattern.startsWith("*.")
    ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1
    : host === pattern;
