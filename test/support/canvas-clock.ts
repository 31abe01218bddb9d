/**
 * A camera whose picture is the time: a canvas of sixteen black or white fields, drawn thirty times a second in place of
 * what a device would give. Who sees the picture reads from it when it was taken, by the same machine's clock.
 */
import type { Page } from "playwright-core";

const bits = 16;

/** Before the page opens: its camera is the clock, its microphone a tone. */
export const filmClock = (page: Page): Promise<unknown> =>
  page.addInitScript(`(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [640, 360];
    const context = canvas.getContext("2d");
    const draw = () => {
      const now = Date.now() % ${2 ** bits};
      for (let bit = 0; bit < ${bits}; bit++) {
        context.fillStyle = (now >> bit) & 1 ? "#fff" : "#000";
        context.fillRect((bit % 8) * 80, bit < 8 ? 0 : 180, 80, 180);
      }
    };
    setInterval(draw, 33);
    draw();
    navigator.mediaDevices.getUserMedia = async ({ video, audio }) => {
      const stream = new MediaStream();
      if (video) stream.addTrack(canvas.captureStream(30).getVideoTracks()[0]);
      if (audio) {
        const sound = new AudioContext();
        const [tone, out] = [sound.createOscillator(), sound.createMediaStreamDestination()];
        tone.connect(out);
        tone.start();
        stream.addTrack(out.stream.getAudioTracks()[0]);
      }
      return stream;
    };
  })()`);

/** How old each picture is when it is shown, in ms, of so many pictures one after the other. */
export const agesShown = (page: Page, pictures: number): Promise<number[]> =>
  page.evaluate<number[]>(`new Promise((resolve) => {
    const video = document.querySelector("video");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [8, 2];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const ages = [];
    const look = () => {
      const shownAt = Date.now();
      // The middle of each field: its edges are blurred by the encoder.
      const [width, height] = [video.videoWidth / 8, video.videoHeight / 2];
      let at = 0;
      for (let bit = 0; bit < ${bits}; bit++) {
        const [column, row] = [bit % 8, bit < 8 ? 0 : 1];
        context.drawImage(video, (column + 0.4) * width, (row + 0.4) * height, width / 5, height / 5, column, row, 1, 1);
        if (context.getImageData(column, row, 1, 1).data[0] > 127) at |= 1 << bit;
      }
      ages.push((shownAt - at) & ${2 ** bits - 1});
      if (ages.length < ${pictures}) video.requestVideoFrameCallback(look);
      else resolve(ages);
    };
    video.requestVideoFrameCallback(look);
  })`);

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
