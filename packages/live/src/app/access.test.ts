import { expect, test } from "vitest";
import { type Act, mayNot, serviceOf, type Who } from "./access.ts";

const mine = { merchant: "m1", visibility: "public" } as const;
const others = { merchant: "m2", visibility: "members" } as const;
const all: Readonly<Record<string, Who>> = {
  operator: { kind: "operator" },
  ingest: { kind: "ingest" },
  metrics: { kind: "metrics" },
  edge: { kind: "edge" },
  streamer: { kind: "streamer", subject: "u1", merchant: "m1" },
  viewer: { kind: "viewer", subject: "u2" },
  anyone: { kind: "anyone" },
};
const allowed = (act: Act, room?: typeof mine | typeof others) =>
  Object.keys(all).filter((who) => mayNot(all[who] ?? { kind: "anyone" }, act, room) === undefined);

test("who may do what", () => {
  expect(allowed("internal")).toEqual(["ingest"]);
  expect(allowed("objects")).toEqual(["edge"]);
  expect(allowed("metrics")).toEqual(["operator", "metrics"]);
  expect(allowed("administer")).toEqual(["operator"]);
  expect(allowed("manage", mine)).toEqual(["operator", "streamer"]);
  expect(allowed("manage", others)).toEqual(["operator"]);
  expect(allowed("manage")).toEqual(["operator"]);
  expect(allowed("look")).toEqual(Object.keys(all));
  expect(allowed("play", mine)).toEqual(Object.keys(all));
  expect(allowed("play", others)).toEqual(["operator", "streamer", "viewer"]);
  expect(mayNot({ kind: "anyone" }, "play", others)).toBe("LOGIN_REQUIRED");
});

test("a certificate's name makes a service, and only the whole name", () => {
  expect(
    ["operator", "agent", "prometheus", "live-ingest", "live-ingest-2", "live-edge", "live-edge-1"].map(
      serviceOf,
    ),
  ).toEqual(["operator", "operator", "metrics", "ingest", "ingest", "edge", "edge"]);
  for (const name of [
    "",
    "agent-1",
    "mysql-1",
    "Operator",
    "operator-1",
    "live-ingest-",
    "live-ingest-1.evil",
    "live-app-1",
  ])
    expect(serviceOf(name), name).toBeUndefined();
});
