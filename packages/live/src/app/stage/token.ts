/**
 * What LiveKit lets somebody do: claims of a token that it reads (livekit/protocol, auth/grants.go). Each has what its
 * role needs in one room, and nothing else. Pure.
 */
import type { StageRole } from "../api.ts";
import { signToken } from "../tokens.ts";

/** As the image's entrypoint names the key to LiveKit. */
const issuer = "mall";
/** Asked for when it joins; a connection outlives its token. */
export const joinSeconds = 60;
const callSeconds = 30;

/** Who publishes: one browser and one broadcast at a time, as LiveKit has one participant of each name. */
export const hostName = "host";
export const broadcastName = "broadcast";

export type Participant = StageRole | "broadcast";

/** @param identity the participant's name in the room @param now ms */
export function joinToken(room: string, as: Participant, identity: string, key: string, now: number): string {
  return tokenOf(grantsOf(room, as), identity, joinSeconds, key, now);
}

/** For one call of LiveKit's own interface. */
export const callToken = (grant: object, key: string, now: number): string =>
  tokenOf(grant, "live-app", callSeconds, key, now);

function grantsOf(room: string, as: Participant): object {
  const nothing = { canPublish: false, canPublishData: false, canSubscribe: false };
  const join = { ...nothing, roomJoin: true, room, canUpdateOwnMetadata: false };
  // Thousands of viewers need not be told of each other.
  if (as === "viewer") return { ...join, canSubscribe: true, hidden: true };
  // What comes by WHIP has no source that LiveKit knows.
  if (as === "broadcast") return { ...join, canPublish: true };
  return { ...join, canPublish: true, canPublishSources: ["camera", "microphone"] };
}

function tokenOf(video: object, identity: string, seconds: number, key: string, now: number): string {
  const at = Math.floor(now / 1_000);
  return signToken({ iss: issuer, sub: identity, nbf: at - 5, exp: at + seconds, video }, key);
}
