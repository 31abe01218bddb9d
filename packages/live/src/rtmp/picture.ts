/**
 * A moving picture of H.264 without an encoder: one macroblock of samples as they are (I_PCM), and all others like their
 * neighbours; each picture a keyframe. Bits by ITU-T H.264, 7.3 (syntax) and 9.1 (Exp-Golomb); the tags around them by Adobe, FLV 10.1, E.4.3.
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

/** In macroblocks of 16 × 16. */
export interface PictureSize {
  readonly columns: number;
  readonly rows: number;
}
export const smallest: PictureSize = { columns: 1, rows: 1 };

/** Constrained Baseline, which every decoder takes; level 1 has 99 macroblocks, level 3 has 1,620 (A.3.1). */
const profileOf = ({ columns, rows }: PictureSize): readonly number[] => [
  66,
  0xc0,
  columns * rows > 99 ? 30 : 10,
];

/** Sequence parameters: the size, and pictures shown in the order in which they come. */
const sequenceOf = (size: PictureSize): Buffer =>
  Buffer.concat([
    Buffer.from([0x67, ...profileOf(size)]),
    // id, frame numbers of 4 bits, order type 2, one reference, no gaps; then the size, whole frames.
    new Bits()
      .golomb(0)
      .golomb(0)
      .golomb(2)
      .golomb(1)
      .fixed(0, 1)
      .golomb(size.columns - 1)
      .golomb(size.rows - 1)
      .fixed(0b1100, 4)
      .end(),
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
function slice(number: number, size: PictureSize): Buffer {
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
  const bits = header.bytes(samples);
  for (let at = 1; at < size.columns * size.rows; at++) {
    // I_16x16_2_0_0: predicted from the mean of its neighbours, in colour as well, at the same quantizer (7.3.5).
    bits.golomb(3).golomb(0).golomb(0);
    // No coefficient: written otherwise where the neighbour that was given as samples counts as sixteen (9.2.1).
    if (at === 1 || at === size.columns) bits.fixed(0b000011, 6);
    else bits.fixed(1, 1);
  }
  return Buffer.concat([Buffer.from([0x65]), bits.end()]);
}

const sized = (unit: Uint8Array, bytes: 2 | 4): Buffer => {
  const size = Buffer.alloc(bytes);
  size.writeUIntBE(unit.length, 0, bytes);
  return Buffer.concat([size, unit]);
};

/** Keyframe of AVC; then what follows: 0 the decoder's configuration, 1 pictures; shown when decoded. */
const tag = (kind: 0 | 1): Buffer => Buffer.from([0x17, kind, 0, 0, 0]);

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1), which a publisher sends first. */
export const pictureConfiguration = (size: PictureSize = smallest): Buffer =>
  Buffer.concat([
    tag(0),
    Buffer.from([1, ...profileOf(size), 0xff, 0xe1]),
    sized(sequenceOf(size), 2),
    Buffer.from([1]),
    sized(parameters, 2),
  ]);

/** The body of one video message. */
export const pictureMessage = (number: number, size: PictureSize = smallest): Buffer =>
  Buffer.concat([tag(1), sized(slice(number, size), 4)]);
