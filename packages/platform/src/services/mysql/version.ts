/** Which MySQL versions this configuration is made for, and how a version is read. */
export interface Version {
  readonly major: number;
  readonly minor: number;
}

/** The long-term lines: 8.4 and 9.7. Innovation releases in between have no support of their own. */
const supported: readonly Version[] = [
  { major: 8, minor: 4 },
  { major: 9, minor: 7 },
];

/** `9.7.4-2`, `8.4.6` → major and minor. */
export function parseVersion(value: string): Version | undefined {
  const match = /^([0-9]+)\.([0-9]+)/.exec(value);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** The version in an image reference's tag, when it names one. */
export function imageVersion(reference: string): Version | undefined {
  const tag = /:([^/:@]+)(?:@.*)?$/.exec(reference)?.[1];
  return tag === undefined ? undefined : parseVersion(tag);
}

/** `ended`: also what is older or an innovation release, none of which gets fixes any more. */
export function supportOf(version: Version | undefined): "supported" | "ended" | "unknown" {
  if (version === undefined) return "unknown";
  return supported.some((s) => s.major === version.major && s.minor === version.minor)
    ? "supported"
    : "ended";
}
