/**
 * A moving picture of H.264 without an encoder: one macroblock of samples as they are (I_PCM), each picture a keyframe.
 * Bits by ITU-T H.264, 7.3 (syntax) and 9.1 (Exp-Golomb); the tags around them by Adobe, FLV 10.1, E.4.3.
 */

/** Bits into bytes, from the highest down. */
class Bits {
  readonly #bytes: number[] = [];
  #free = 0;

  /** `u(n)` */
  fixed(value: number, bits: number): this {
    for (let bit = bits - 1; bit >= 0; bit--) {
      if (this.#free === 0) {
        this.#bytes.push(0);
        this.#free = 8;
      }
      this.#free -= 1;
      const at = this.#bytes.length - 1;
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (((value >> bit) & 1) << this.#free);
    }
    return this;
  }

  /** `ue(v)` */
  golomb(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.fixed(0, length - 1).fixed(value + 1, length);
  }

  align(): this {
    this.#free = 0;
    return this;
  }

  bytes(values: readonly number[]): this {
    this.#bytes.push(...values);
    return this;
  }

  /** With `rbsp_trailing_bits`. */
  end(): Buffer {
    return Buffer.from(this.fixed(1, 1).align().#bytes);
  }
}

/** Constrained Baseline, level 1: what every decoder takes. */
const profile = [66, 0xc0, 10] as const;

/** Sequence parameters: 16 × 16, pictures shown in the order in which they come. */
const sequence = Buffer.concat([
  Buffer.from([0x67, ...profile]),
  // id, frame numbers of 4 bits, order type 2, one reference, no gaps; one macroblock wide and high, whole frames.
  new Bits().golomb(0).golomb(0).golomb(2).golomb(1).fixed(0, 1).golomb(0).golomb(0).fixed(0b1100, 4).end(),
]);

/** Picture parameters: CAVLC, nothing that the slice would have to say. */
const parameters = Buffer.concat([
  Buffer.from([0x68]),
  new Bits()
    .golomb(0)
    .golomb(0)
    .fixed(0, 2)
    .golomb(0)
    .golomb(0)
    .golomb(0)
    .fixed(0, 3)
    .golomb(0)
    .golomb(0)
    .golomb(0)
    .fixed(0, 3)
    .end(),
]);

/** 256 samples of light, 128 of colour. None is 0, so no start code can arise within (7.4.1). */
const lightSamples = 256;
const colourSamples = 128;

/** The picture with this number: a grey that becomes lighter, over and over. */
function slice(number: number): Buffer {
  const header = new Bits()
    // First macroblock 0, an I slice and all of the picture, picture parameters 0, frame number 0.
    .golomb(0)
    .golomb(7)
    .golomb(0)
    .fixed(0, 4)
    // Two keyframes that follow each other differ in this.
    .golomb(number % 2)
    // Neither kept for long nor dropped; the quantizer as it is; then macroblock type I_PCM.
    .fixed(0, 2)
    .golomb(0)
    .golomb(25)
    .align();
  const light = 32 + ((number * 8) % 192);
  const samples = [...Array(lightSamples).fill(light), ...Array(colourSamples).fill(128)];
  return Buffer.concat([Buffer.from([0x65]), header.bytes(samples).end()]);
}

const sized = (unit: Uint8Array, bytes: 2 | 4): Buffer => {
  const size = Buffer.alloc(bytes);
  size.writeUIntBE(unit.length, 0, bytes);
  return Buffer.concat([size, unit]);
};

/** Keyframe of AVC; then what follows: 0 the decoder's configuration, 1 pictures; shown when decoded. */
const tag = (kind: 0 | 1): Buffer => Buffer.from([0x17, kind, 0, 0, 0]);

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1), which a publisher sends first. */
export const pictureConfiguration = (): Buffer =>
  Buffer.concat([
    tag(0),
    Buffer.from([1, ...profile, 0xff, 0xe1]),
    sized(sequence, 2),
    Buffer.from([1]),
    sized(parameters, 2),
  ]);

/** The body of one video message. */
export const pictureMessage = (number: number): Buffer => Buffer.concat([tag(1), sized(slice(number), 4)]);
