/** A room's sound and picture: joined as a viewer or as the host, and joined again when the connection is lost. */
import type { DisconnectReason as Reason, Room, Track } from "livekit-client";
import type { AuctionInfo, StagePass, StageRole } from "../src/app/api.ts";
import type { Answer } from "./state.tsx";

/**
 * `waiting`: joined, and nobody publishes. `refused`: by the application's code. `ended`: as host, by another page or an
 * operator.
 */
export type StagePhase =
  | { readonly is: "joining" | "waiting" | "on" }
  | { readonly is: "refused"; readonly code: string }
  | { readonly is: "ended"; readonly why: "elsewhere" | "shownOut" | "camera" };

export interface StageEvents {
  readonly phase: (phase: StagePhase) => void;
  /** Told by the application, in the room. */
  readonly auction: (auction: AuctionInfo) => void;
}

/** As the application names its messages. */
const topic = "auction";
const againMs = 2_000;
const passing = ["NO_ANSWER", "STAGE_AWAY", "DATABASE_AWAY", "STOPPING", "INTERNAL", "TOO_MANY", "BUSY"];

type Library = typeof import("./livekit.ts");
let library: Promise<Library> | undefined;

/** Its address stands in the document, which knows its version. */
function load(): Promise<Library> {
  const address = document.querySelector<HTMLMetaElement>('meta[name="livekit"]')?.content ?? "";
  library ??= (import(address) as Promise<Library>).catch((error: unknown) => {
    library = undefined;
    throw error;
  });
  return library;
}

/** @returns leaves it */
export function openStage(
  role: StageRole,
  pass: () => Promise<Answer<StagePass>>,
  video: HTMLVideoElement,
  events: StageEvents,
): () => void {
  let wanted = true;
  let timer = 0;
  let room: Room | undefined;

  const later = () => {
    clearTimeout(timer);
    if (wanted) timer = window.setTimeout(() => void join(), againMs);
  };
  const leave = () => {
    void room?.disconnect();
    room = undefined;
  };
  const end = (phase: StagePhase) => {
    if (!wanted) return;
    leave();
    events.phase(phase);
  };
  const join = async (): Promise<void> => {
    events.phase({ is: "joining" });
    const answer = await pass();
    if (!wanted) return;
    if (!answer.ok) {
      if (passing.includes(answer.code)) return later();
      return end({ is: "refused", code: answer.code });
    }
    try {
      const livekit = await load();
      const joined = new livekit.Room({ adaptiveStream: true, dynacast: true });
      room = joined;
      follow(joined, livekit);
      // The page's own origin, and no server of strangers to find addresses by.
      const origin = location.origin.replace(/^http/, "ws");
      await joined.connect(origin, answer.value.token, { rtcConfig: { iceServers: [] }, maxRetries: 0 });
      if (!wanted || room !== joined) return void joined.disconnect();
      if (role === "viewer") return shown();
      await publish(joined, livekit);
    } catch {
      leave();
      later();
    }
  };
  const shown = () => {
    const isOn = video.srcObject instanceof MediaStream && video.srcObject.getVideoTracks().length > 0;
    events.phase({ is: isOn ? "on" : "waiting" });
  };
  const publish = async (joined: Room, livekit: Library) => {
    try {
      await joined.localParticipant.enableCameraAndMicrophone();
    } catch {
      return end({ is: "ended", why: "camera" });
    }
    joined.localParticipant.getTrackPublication(livekit.Track.Source.Camera)?.track?.attach(video);
    // Who speaks need not hear themselves.
    video.muted = true;
    events.phase({ is: "on" });
  };
  const follow = (joined: Room, { RoomEvent, DisconnectReason }: Library) => {
    const attached = (track: Track) => {
      track.attach(video);
      shown();
    };
    joined.on(RoomEvent.TrackSubscribed, attached);
    joined.on(RoomEvent.TrackUnsubscribed, (track) => {
      track.detach(video);
      shown();
    });
    joined.on(RoomEvent.DataReceived, (payload, participant, _kind, of) => {
      // Nobody in the room may send any; what has no sender is the application's.
      if (participant !== undefined || of !== topic) return;
      events.auction(JSON.parse(new TextDecoder().decode(payload)) as AuctionInfo);
    });
    joined.on(RoomEvent.Disconnected, (reason?: Reason) => {
      if (!wanted || room !== joined) return;
      room = undefined;
      if (role === "host" && reason === DisconnectReason.DUPLICATE_IDENTITY)
        return end({ is: "ended", why: "elsewhere" });
      if (role === "host" && reason === DisconnectReason.PARTICIPANT_REMOVED)
        return end({ is: "ended", why: "shownOut" });
      events.phase({ is: "joining" });
      later();
    });
  };
  void join();
  return () => {
    wanted = false;
    clearTimeout(timer);
    leave();
  };
}
