/** A file of its own, since it is half a megabyte that only auctions need: what of livekit-client they use. */
export { DisconnectReason, Room, RoomEvent, Track } from "livekit-client";
