import { expect, test } from "vitest";
import { execIn, streamsOf } from "./exec.ts";

const frame = (stream: number, text: string): Buffer => {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

const answer = (body: unknown) => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  return { status: 200, headers: {}, bytes, text: bytes.toString("utf8") };
};

/** An engine that says so of the process' end, one answer after the other. */
const engine =
  (output: Buffer, ...ends: readonly object[]) =>
  async (path: string) => {
    if (path === "/containers/c/exec") return answer({ Id: "x" });
    if (path === "/exec/x/start") return answer(output);
    const [next = {}, ...rest] = ends;
    if (rest.length > 0) ends = rest;
    return answer(next);
  };

test("the streams apart, a character in two frames whole, and the code once the process has ended", async () => {
  const [first, second] = [Buffer.from("商").subarray(0, 1), Buffer.from("商").subarray(1)];
  const halves = [first, second].map((half) => {
    const head = frame(1, "x".repeat(half.length)).subarray(0, 8);
    return Buffer.concat([head, half]);
  });
  const output = Buffer.concat([...halves, frame(2, "no such file\n"), frame(1, "城\n\n")]);
  const ask = engine(output, { Running: true, ExitCode: null }, { Running: false, ExitCode: 1 });
  expect(await execIn(ask, "c", ["cat"], 5_000)).toEqual({
    exitCode: 1,
    stdout: "商城\n",
    stderr: "no such file",
  });
  expect(streamsOf(Buffer.alloc(0))).toEqual({ stdout: "", stderr: "" });
});

test("what the engine does not run says why, and so does what does not end", async () => {
  const refuses = async () => {
    throw new Error("container c is not running");
  };
  expect(await execIn(refuses, "c", ["cat"], 5_000)).toEqual({
    exitCode: 125,
    stdout: "",
    stderr: "container c is not running",
  });
  const ask = engine(Buffer.alloc(0), { Running: true, ExitCode: null });
  expect(await execIn(ask, "c", ["cat"], 40)).toEqual({
    exitCode: 125,
    stdout: "",
    stderr: "no end within 40 ms",
  });
});
