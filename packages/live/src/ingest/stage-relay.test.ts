/** A broadcast is seen by WebRTC for as long as it is wanted, whatever becomes of ffmpeg, and no more than fit. */
import { expect, test } from "vitest";
import type { FfmpegProcess } from "./ffmpeg-stage.ts";
import { ladderSlots } from "./ladder-slots.ts";
import { stageRelay } from "./stage-relay.ts";
import { reachable, whipGate } from "./whip-gate.ts";

interface Begun {
  readonly address: string | undefined;
  stopped: boolean;
  end: () => void;
}

function relayOf(limit: number) {
  const begun: Begun[] = [];
  const relay = stageRelay({
    slots: ladderSlots(limit),
    log: () => {},
    pauseMs: 5,
    run: (args): FfmpegProcess => {
      let end = () => {};
      const gone = new Promise<string>((resolve) => {
        end = () => resolve("exit code 1");
      });
      const one: Begun = { address: args.at(-1), stopped: false, end };
      begun.push(one);
      return {
        gone,
        stop: () => {
          one.stopped = true;
          end();
        },
      };
    },
  });
  relay.through({ address: () => ({ address: "127.0.0.1", family: "IPv4", port: 4321 }) });
  return { relay, begun };
}

test("one ffmpeg a stream, by the newest token, begun anew until it is not wanted", async () => {
  const { relay, begun } = relayOf(2);
  relay.want("tea", "first");
  relay.want("tea", "second");
  expect(begun.map(({ address }) => address)).toEqual(["http://127.0.0.1:4321/tea"]);
  expect(relay.tokenOf("tea")).toBe("second");
  begun[0]?.end();
  await expect.poll(() => begun.length).toBe(2);
  expect(relay.figures()).toEqual([{ stream: "tea", state: "on", restarts: 1 }]);
  relay.want("tea", undefined);
  expect(begun[1]?.stopped).toBe(true);
  expect(relay.tokenOf("tea")).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(begun).toHaveLength(2);
});

test("what does not fit is not begun, and is as soon as another ends", () => {
  const { relay, begun } = relayOf(1);
  relay.want("tea", "t");
  relay.want("silk", "s");
  expect(relay.figures().map(({ state }) => state)).toEqual(["on", "limit reached"]);
  relay.want("tea", undefined);
  relay.want("silk", "s");
  expect(begun.map(({ address }) => address)).toEqual([
    "http://127.0.0.1:4321/tea",
    "http://127.0.0.1:4321/silk",
  ]);
  relay.close();
  expect(relay.figures()).toEqual([]);
  expect(begun.every(({ stopped }) => stopped)).toBe(true);
});

test("an answer's candidates are those for UDP, at the address that was asked", () => {
  const sdp = [
    "v=0",
    "a=candidate:1 1 udp 2130706431 127.0.0.1 31448 typ host ufrag x",
    "a=candidate:2 1 tcp 1671430143 127.0.0.1 31447 typ host tcptype passive",
    "a=end-of-candidates",
    "",
  ].join("\r\n");
  expect(reachable(sdp, "10.0.0.7")).toBe(
    ["v=0", "a=candidate:1 1 udp 2130706431 10.0.0.7 31448 typ host ufrag x", "a=end-of-candidates", ""].join(
      "\r\n",
    ),
  );
});

test("the gate leads to LiveKit's WHIP alone, and for streams that are wanted", async () => {
  const server = whipGate({
    livekit: { host: "127.0.0.1", port: 1, serverName: "livekit" },
    identity: () => ({ ca: "" }),
    tokenOf: (stream) => (stream === "tea" ? "token" : undefined),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  const ask = async (method: string, path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status;
  expect(await ask("POST", "/silk")).toBe(404);
  expect(await ask("GET", "/tea")).toBe(404);
  expect(await ask("POST", "/tea/../twirp")).toBe(404);
  expect(await ask("DELETE", "/tea")).toBe(404);
  // Wanted, and LiveKit is away.
  expect(await ask("POST", "/tea")).toBe(502);
  server.close();
});
