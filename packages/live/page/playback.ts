/** Small calculations about a live picture. Pure. */
import { byPath, signatureIn } from "../src/signature/path.ts";

/**
 * How far the clock of the servers is ahead of this device's, in ms, from one question: the answer's Date header, and
 * the device's times before and after. Date has whole seconds (RFC 9110, 6.6.1): the middle of that second is taken.
 */
export function clockAheadMs(
  dateHeader: string | null,
  askedAt: number,
  answeredAt: number,
): number | undefined {
  const date = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
  if (Number.isNaN(date)) return undefined;
  return date + 500 - (askedAt + answeredAt) / 2;
}

/**
 * Seconds that the picture is behind what was sent, from EXT-X-PROGRAM-DATE-TIME of what is shown.
 * @returns undefined for what cannot be: a clock that is not known yet, or wrong by more than an hour
 */
export function behindLiveSeconds(
  shown: Date | null | undefined,
  now: number,
  aheadMs: number | undefined,
): number | undefined {
  if (shown === null || shown === undefined || aheadMs === undefined) return undefined;
  const seconds = (now + aheadMs - shown.getTime()) / 1_000;
  return Number.isFinite(seconds) && seconds > -2 && seconds < 3_600 ? Math.max(0, seconds) : undefined;
}

/**
 * How many segments a player stays behind the end of the playlist: three, as RFC 8216, 6.3.3 has it, or what `?behind=`
 * of the page's address says. Two are nearer, and a viewer with a poor network stalls more often.
 */
export function segmentsBehind(search: string): number {
  const said = Number(new URLSearchParams(search).get("behind"));
  return [2, 3, 4, 5].includes(said) ? said : 3;
}

/** A line of the quality menu: `auto`, or a rendition by its name, which is what people know it by, upright or not. */
export type Quality = "auto" | "source" | `${number}p`;

const renditionPattern = /^(?:source|[1-9]\d{2,3}p)$/;
const isRendition = (name: string): name is Exclude<Quality, "auto"> => renditionPattern.test(name);

/** Which rendition a media playlist's address is of; undefined for what no ingest makes. */
export const renditionOf = (url: string | undefined): Quality | undefined => {
  const name = /\/([^/?]+)\.m3u8(?:\?|$)/.exec(url ?? "")?.[1] ?? "";
  return isRendition(name) ? name : undefined;
};

const linesOf = (quality: Quality): number =>
  quality === "source" ? Number.POSITIVE_INFINITY : Number.parseInt(quality, 10);

/** Best first, `auto` on top; nothing when there is nothing to choose. @param names of renditions, in any order */
export function qualitiesOf(names: readonly string[]): readonly Quality[] {
  const all = names.filter(isRendition).sort((a, b) => linesOf(b) - linesOf(a));
  return all.length < 2 ? [] : ["auto", ...all];
}

/**
 * The same object by the signature of another address: a player goes on with the addresses of its first playlist for
 * hours, longer than their signature is valid.
 */
export function signedAs(address: string, other: string): string {
  const [path, signature] = [address, other].map((each) => localPart(each, "https://edge"));
  return byPath(path ?? "", signatureIn(signature ?? "") ?? "");
}

/** Path and query of an address: page and streams have one origin, whatever name leads to it. */
export function localPart(address: string, base: string): string {
  const { pathname, search } = new URL(address, base);
  return `${pathname}${search}`;
}

/** When to ask for a new signature: at four fifths of its time, in ms from now; never more often than every 5 s. */
export const renewAfterMs = (expiresAt: string, now: number): number =>
  Math.max(5_000, (Date.parse(expiresAt) - now) * 0.8);

/** A recording's length as players write it: `7:05`, `1:07:05`. */
export function lengthOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  return hours === 0 ? `${minutes}:${two(whole % 60)}` : `${hours}:${two(minutes)}:${two(whole % 60)}`;
}

/**
 * Where in a recording a moment stands, in seconds, from the dates of its segments; undefined without any.
 * @param at Unix ms
 */
export function positionOf(
  segments: readonly {
    readonly start: number;
    readonly duration: number;
    readonly programDateTime: number | null;
  }[],
  at: number,
): number | undefined {
  const dated = segments.flatMap(({ start, duration, programDateTime }) =>
    programDateTime === null ? [] : [{ start, duration, from: programDateTime }],
  );
  const holds = dated.find(({ from, duration }) => at < from + duration * 1_000) ?? dated.at(-1);
  if (holds === undefined) return undefined;
  return holds.start + Math.min(holds.duration, Math.max(0, (at - holds.from) / 1_000));
}
