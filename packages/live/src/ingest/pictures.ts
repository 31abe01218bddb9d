/** How many pictures a segment holds. Pure. */
import { elementaryStreams, isVideo, mapPid, packetBytes, programPid, readPacket } from "./ts.ts";

/** A picture is one packetized elementary stream of its own (ISO/IEC 13818-1; ffmpeg writes no other kind). */
export function picturesIn(data: Uint8Array): number {
  let mapAt: number | undefined;
  let videoAt: number | undefined;
  let count = 0;
  for (let at = 0; at + packetBytes <= data.length; at += packetBytes) {
    const packet = readPacket(data.subarray(at, at + packetBytes));
    if (packet === undefined || !packet.starts) continue;
    if (packet.pid === programPid) mapAt = mapPid(packet.payload) ?? mapAt;
    else if (packet.pid === mapAt)
      videoAt = elementaryStreams(packet.payload)?.find(({ type }) => isVideo(type))?.pid ?? videoAt;
    else if (packet.pid === videoAt) count += 1;
  }
  return count;
}
