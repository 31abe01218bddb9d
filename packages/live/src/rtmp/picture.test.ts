/** The bits of the picture that is made by hand, against those that the standard's syntax gives. ffmpeg decodes it in the suite `live`. */
import { expect, test } from "vitest";
import { pictureConfiguration, pictureMessage } from "./picture.ts";

test("the decoder's configuration carries profile, level and both parameter sets", () => {
  const bytes = pictureConfiguration();
  expect(bytes.subarray(0, 5).toString("hex")).toBe("1700000000");
  // Version 1, Constrained Baseline at level 1, lengths of four bytes, one set of sequence parameters.
  expect(bytes.subarray(5, 11).toString("hex")).toBe("0142c00affe1");
  const sequence = bytes.subarray(13, 13 + bytes.readUInt16BE(11));
  expect(sequence.toString("hex")).toBe("6742c00ada79");
});

test("each picture is one keyframe of raw samples, other than the one before it, without a start code", () => {
  const [first, second] = [pictureMessage(0), pictureMessage(1)];
  expect(first.equals(second)).toBe(false);
  for (const message of [first, second]) {
    expect(message.subarray(0, 5).toString("hex")).toBe("1701000000");
    expect(message.readUInt32BE(5)).toBe(message.length - 9);
    const unit = message.subarray(9);
    expect(unit[0]).toBe(0x65);
    expect(unit.includes(Buffer.from([0, 0, 1]))).toBe(false);
    expect(unit.includes(Buffer.from([0, 0, 3]))).toBe(false);
  }
});

test("a larger one costs a byte for each macroblock that is like its neighbours, and ten bits", () => {
  const size = { columns: 40, rows: 25 } as const;
  // Level 3; 40 and 25 macroblocks.
  expect(pictureConfiguration(size).subarray(5, 11).toString("hex")).toBe("0142c01effe1");
  const unit = pictureMessage(1, size).subarray(9);
  expect(unit.length - pictureMessage(1).subarray(9).length).toBe(999 + 1);
  expect(unit.subarray(1).includes(Buffer.from([0, 0]))).toBe(false);
});
