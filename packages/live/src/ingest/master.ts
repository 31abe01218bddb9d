/** The master playlist, and what it says of a rendition (RFC 8216, 4.3.4.2). Pure. */
export interface Video {
  readonly codec: string;
  /** As ffprobe names it. */
  readonly profile: string;
  /** Ten times the level of H.264, as in its bitstream. */
  readonly level: number;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

export interface Audio {
  readonly codec: string;
  readonly profile: string;
  readonly sampleRate: number;
  readonly channels: number;
}

export interface Media {
  readonly video?: Video;
  readonly audio?: Audio;
}

export interface Rendition {
  readonly uri: string;
  readonly media: Media;
  /** Bits per second, of its fastest segment and of all. */
  readonly peakBandwidth: number;
  readonly averageBandwidth: number;
}

/** profile_idc and constraint flags (ITU-T H.264, A.2). */
const profiles: Readonly<Record<string, string>> = {
  "Constrained Baseline": "42e0",
  Baseline: "4200",
  Extended: "5800",
  Main: "4d40",
  High: "6400",
  "High 10": "6e00",
  "High 4:2:2": "7a00",
  "High 4:4:4 Predictive": "f400",
};
/** audioObjectType (ISO/IEC 14496-3). */
const audioTypes: Readonly<Record<string, number>> = { LC: 2, "HE-AAC": 5, "HE-AACv2": 29, Main: 1, LTP: 4 };

/** Names of RFC 6381; undefined where one is not known: players then look into the segment. */
export function codecsOf({ video, audio }: Media): string | undefined {
  const profile = video === undefined ? undefined : profiles[video.profile];
  const type = audio === undefined ? undefined : audioTypes[audio.profile];
  if (video !== undefined && profile === undefined) return undefined;
  if (audio !== undefined && type === undefined) return undefined;
  const names = [
    ...(video === undefined ? [] : [`avc1.${profile}${video.level.toString(16).padStart(2, "0")}`]),
    ...(audio === undefined ? [] : [`mp4a.40.${type}`]),
  ];
  return names.length === 0 ? undefined : names.join(",");
}

export function renderMaster(renditions: readonly Rendition[]): string {
  const lines = ["#EXTM3U", "#EXT-X-VERSION:3"];
  for (const { uri, media, peakBandwidth, averageBandwidth } of renditions) {
    const codecs = codecsOf(media);
    const { video } = media;
    const attributes = [
      `BANDWIDTH=${Math.max(1, Math.ceil(peakBandwidth))}`,
      `AVERAGE-BANDWIDTH=${Math.max(1, Math.ceil(averageBandwidth))}`,
      ...(codecs === undefined ? [] : [`CODECS="${codecs}"`]),
      ...(video === undefined ? [] : [`RESOLUTION=${video.width}x${video.height}`]),
      ...(video === undefined || video.frameRate <= 0 ? [] : [`FRAME-RATE=${video.frameRate.toFixed(3)}`]),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(",")}`, uri);
  }
  return `${lines.join("\n")}\n`;
}

/** Written anew only when it would say something else by a tenth: players read it once. */
export const differs = (figure: number, told: number): boolean => figure > told * 1.1 || figure < told / 1.1;

/** What players of every kind decode: H.264 and AAC. Undefined when that is all there is. */
export function unsupportedCodec(kind: "video" | "audio", codec: string): string | undefined {
  return codec === (kind === "video" ? "h264" : "aac") ? undefined : `${kind} codec ${codec}`;
}
