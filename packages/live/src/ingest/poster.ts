/** A picture of a segment, as JPEG: its first, which is a keyframe. */
import { execFile } from "node:child_process";
import { constants, setPriority } from "node:os";

/** No wider than a phone's or a list's picture is shown; heights of H.264 are even. */
const filter = "scale='min(960,iw)':-2";
const mostBytes = 4 * 1024 * 1024;

/** @param path of a segment @throws when it has no picture, or ffmpeg takes longer than `timeoutMs` */
export function posterOf(path: string, timeoutMs = 10_000): Promise<Uint8Array> {
  const args = [
    ...["-nostdin", "-v", "error", "-threads", "1", "-f", "mpegts", "-i", path],
    ...["-an", "-frames:v", "1", "-vf", filter, "-q:v", "4", "-f", "mjpeg", "pipe:1"],
  ];
  return new Promise((resolve, reject) => {
    const child = execFile(
      "ffmpeg",
      args,
      { encoding: "buffer", timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: mostBytes },
      (error, stdout) => {
        if (error !== null) reject(error);
        else if (stdout.length === 0) reject(new Error("no picture"));
        else resolve(stdout);
      },
    );
    // Broadcasts come first.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  });
}
