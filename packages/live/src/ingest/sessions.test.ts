/** Who gets in, who stays, who is told: with an application and a packager that do as the test says. */
import { expect, test, vi } from "vitest";
import type { Done, PublishAnswer, UpdateAnswer } from "./app-client.ts";
import type { Hook } from "./hook.ts";
import { openSessions } from "./sessions.ts";

function world() {
  const asked: { readonly stream: string; readonly answer: (answer: PublishAnswer) => void }[] = [];
  const told: Done[] = [];
  const stopped: { readonly broadcast: string; readonly ended: boolean }[] = [];
  const removed: { readonly broadcast: string; readonly alone: boolean }[] = [];
  const dropped: string[] = [];
  const unsupported: Record<string, (reason: string) => void> = {};
  let updates: UpdateAnswer = { kind: "go-on" };
  const stopping: (() => void)[] = [];
  let slowStop = false;
  const sessions = openSessions({
    instance: "live-ingest-1",
    log: () => {},
    keepEndedSeconds: 60,
    drop: async (_, clientId) => void dropped.push(clientId),
    app: {
      publish: ({ stream }) => new Promise((answer) => asked.push({ stream, answer })),
      update: async () => updates,
      done: (each) => void told.push(each),
      recorded: () => {},
      use: () => {},
      pending: () => 0,
      close: async () => {},
    },
    start: (_, broadcast, onUnsupported) => {
      unsupported[broadcast] = onUnsupported;
      return {
        stop: async (ended) => {
          if (slowStop) await new Promise<void>((resolve) => stopping.push(resolve));
          stopped.push({ broadcast, ended });
        },
        remove: async (alone) => void removed.push({ broadcast, alone }),
        figures: () => ({
          ...{ ffmpegPid: 1, restarts: 0, renditions: [] },
          ...{ ladder: "source only: ladders are off", ladderPid: undefined, ladderRestarts: 0 },
        }),
      };
    },
  });
  return {
    sessions,
    ...{ asked, told, stopped, removed, dropped, unsupported, stopping },
    setUpdates: (answer: UpdateAnswer) => {
      updates = answer;
    },
    stopSlowly: () => {
      slowStop = true;
    },
  };
}

const hook = (clientId: string, change: Partial<Hook> = {}): Hook => ({
  ...{ call: "publish", app: "live", clientId, address: "10.0.0.7", name: "room", query: "key=k" },
  ...change,
});
const yes = (broadcast: string): PublishAnswer => ({ kind: "accepted", broadcast });

/** A world in which client 1 broadcasts b1aaaa in `room`. */
async function live() {
  const all = world();
  const answer = all.sessions.publish(hook("1"));
  all.asked[0]?.answer(yes("b1aaaa"));
  expect(await answer).toBe(200);
  return all;
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

test("accepted, it is broadcast until its connection ends, and the application is told", async () => {
  const { sessions, told, stopped } = await live();
  expect(sessions.live().map((each) => each.broadcast)).toEqual(["b1aaaa"]);
  sessions.done(hook("1", { call: "publish_done" }));
  await settle();
  expect(stopped).toEqual([{ broadcast: "b1aaaa", ended: true }]);
  expect(told).toEqual([
    { stream: "room", broadcast: "b1aaaa", instance: "live-ingest-1", reason: "unpublished" },
  ]);
  expect(sessions.live()).toEqual([]);
});

test.each<[PublishAnswer, string]>([
  [{ kind: "refused", code: "KEY_WRONG", reason: "no such key" }, "KEY_WRONG"],
  [{ kind: "unreachable", reason: "nobody" }, "APPLICATION_AWAY"],
  [yes("../up"), "BAD_BROADCAST"],
])("%j: refused, with the reason kept", async (answer, code) => {
  const { sessions, asked, told } = world();
  const result = sessions.publish(hook("1"));
  asked[0]?.answer(answer);
  expect(await result).toBe(403);
  expect(sessions.refusals()[0]).toMatchObject({ stream: "room", address: "10.0.0.7", code });
  expect(sessions.live()).toEqual([]);
  expect(told.length).toBe(answer.kind === "accepted" ? 1 : 0);
});

test("a bad name is refused without a question", async () => {
  const { sessions, asked } = world();
  expect(await sessions.publish(hook("1", { name: "../x" }))).toBe(403);
  expect(asked).toEqual([]);
});

test("a second publisher of a live name is refused, and its leaving ends nothing", async () => {
  const { sessions, asked, stopped } = await live();
  expect(await sessions.publish(hook("2"))).toBe(403);
  expect(asked.length).toBe(1);
  sessions.done(hook("2", { call: "publish_done" }));
  await settle();
  expect(stopped).toEqual([]);
  expect(sessions.live().length).toBe(1);
});

test("of two asked at once one is live, and the other's broadcast is given back", async () => {
  const { sessions, asked, told } = world();
  const answers = [sessions.publish(hook("1")), sessions.publish(hook("2"))];
  asked[1]?.answer(yes("b2aaaa"));
  asked[0]?.answer(yes("b1aaaa"));
  expect(await Promise.all(answers)).toEqual([403, 200]);
  expect(sessions.live().map((each) => each.broadcast)).toEqual(["b2aaaa"]);
  expect(told.map((each) => each.broadcast)).toEqual(["b1aaaa"]);
});

test("whoever left before the answer is not broadcast, and the application is told", async () => {
  const { sessions, asked, told } = world();
  const answer = sessions.publish(hook("1"));
  sessions.done(hook("1", { call: "publish_done" }));
  asked[0]?.answer(yes("b1aaaa"));
  expect(await answer).toBe(403);
  expect(told.map((each) => each.broadcast)).toEqual(["b1aaaa"]);
  expect(sessions.live()).toEqual([]);
});

test("a second publish on one connection ends what it has: nginx cuts it without a word of the first", async () => {
  const { sessions, stopped } = await live();
  expect(await sessions.publish(hook("1", { name: "other" }))).toBe(403);
  await settle();
  expect(stopped).toEqual([{ broadcast: "b1aaaa", ended: true }]);
});

test("updates: cut by the application's word alone", async () => {
  const { sessions, setUpdates } = await live();
  const update = hook("1", { call: "update_publish" });
  expect(await sessions.update(update)).toBe(200);
  setUpdates({ kind: "unreachable" });
  expect(await sessions.update(update)).toBe(200);
  expect(sessions.counts().failedOpen).toBe(1);
  expect(await sessions.update(hook("9", { call: "update_publish" }))).toBe(403);
  expect(await sessions.update(hook("9", { call: "update_play" }))).toBe(200);
  setUpdates({ kind: "cut" });
  expect(await sessions.update(update)).toBe(403);
  // And stays so, whatever is answered next.
  setUpdates({ kind: "go-on" });
  expect(await sessions.update(update)).toBe(403);
});

test("an update that comes while the application is asked cuts nobody", async () => {
  const { sessions, asked } = world();
  const answer = sessions.publish(hook("1"));
  expect(await sessions.update(hook("1", { call: "update_publish" }))).toBe(200);
  asked[0]?.answer(yes("b1aaaa"));
  expect(await answer).toBe(200);
});

test("a codec that is not broadcast: this connection is cut, and why is kept", async () => {
  const { sessions, dropped, unsupported } = await live();
  unsupported.b1aaaa?.("video codec hevc");
  expect(dropped).toEqual(["1"]);
  expect(sessions.refusals()[0]).toMatchObject({ code: "UNSUPPORTED_CODEC" });
  expect(await sessions.update(hook("1", { call: "update_publish" }))).toBe(403);
});

test("the next publisher of a name waits for the end of the one before", async () => {
  const { sessions, asked, stopping, stopSlowly } = await live();
  stopSlowly();
  sessions.done(hook("1", { call: "publish_done" }));
  const answer = sessions.publish(hook("2"));
  asked[1]?.answer(yes("b2aaaa"));
  await settle();
  expect(sessions.live().map((each) => each.broadcast)).toEqual(["b1aaaa"]);
  stopping[0]?.();
  expect(await answer).toBe(200);
  expect(sessions.live().map((each) => each.broadcast)).toEqual(["b2aaaa"]);
});

test("an ended broadcast's files go a while later, its playlists only where nobody took them over", async () => {
  vi.useFakeTimers();
  try {
    const { sessions, asked, removed } = await live();
    sessions.done(hook("1", { call: "publish_done" }));
    await vi.advanceTimersByTimeAsync(1_000);
    const answer = sessions.publish(hook("2"));
    asked[1]?.answer(yes("b2aaaa"));
    expect(await answer).toBe(200);
    await vi.advanceTimersByTimeAsync(58_500);
    expect(removed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(removed).toEqual([{ broadcast: "b1aaaa", alone: false }]);
    sessions.done(hook("2", { call: "publish_done" }));
    await vi.advanceTimersByTimeAsync(61_000);
    expect(removed[1]).toEqual({ broadcast: "b2aaaa", alone: true });
  } finally {
    vi.useRealTimers();
  }
});

test("a publisher of whom nginx no longer speaks is over", async () => {
  vi.useFakeTimers();
  try {
    const { sessions, told, dropped } = await live();
    await vi.advanceTimersByTimeAsync(15_000);
    await sessions.update(hook("1", { call: "update_publish" }));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(dropped).toEqual(["1"]);
    expect(told[0]).toMatchObject({ broadcast: "b1aaaa", reason: "lost" });
  } finally {
    vi.useRealTimers();
  }
});

test("an end that names another stream than the connection's ends nothing", async () => {
  const { sessions, stopped } = await live();
  sessions.done(hook("1", { call: "publish_done", name: "other" }));
  await settle();
  expect(stopped).toEqual([]);
  expect(await sessions.update(hook("1", { call: "update_publish", name: "other" }))).toBe(403);
});

test("stopping ends nothing for viewers, and lets nobody in", async () => {
  const { sessions, stopped, told } = await live();
  const closed = sessions.close("instance stopped");
  sessions.done(hook("1", { call: "publish_done" }));
  await closed;
  expect(stopped).toEqual([{ broadcast: "b1aaaa", ended: false }]);
  expect(told[0]).toMatchObject({ reason: "instance stopped" });
  expect(await sessions.publish(hook("2"))).toBe(403);
});
