/** The rules of publishing, over every combination of a small world and over many of a larger one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Credential,
  decidePublish,
  decideUpdate,
  hashOf,
  type KeyFacts,
  type LiveFacts,
  type PublishDecision,
  type Publisher,
  type PublishWorld,
  type UpdateWorld,
} from "./publish.ts";

const now = 1_800_000_000_000;
const lostAfterMs = 5_000;
const publisher: Publisher = { instance: "live-ingest-1", clientId: "7", address: "192.0.2.7" };
const right = "R".repeat(32);

const rooms = {
  absent: undefined,
  open: { name: "tea", bannedUntil: undefined },
  "banned before": { name: "tea", bannedUntil: now },
  banned: { name: "tea", bannedUntil: now + 1 },
} as const;
const keys = {
  valid: { expiresAt: undefined, revokedAt: undefined },
  "valid for a moment": { expiresAt: now + 1, revokedAt: undefined },
  expired: { expiresAt: now, revokedAt: undefined },
  revoked: { expiresAt: undefined, revokedAt: now - 1 },
  "revoked and expired": { expiresAt: now - 1, revokedAt: now - 1 },
} as const;
const signedBy = (verdict: "valid" | "expired"): Credential => ({
  kind: "signature",
  judge: (id) => (id === "own" ? verdict : "wrong"),
});
const credentials: Readonly<Record<string, Credential>> = {
  none: { kind: "none" },
  malformed: { kind: "malformed" },
  "right key": { kind: "key", key: right },
  "wrong key": { kind: "key", key: "W".repeat(32) },
  "other's key": { kind: "key", key: "r".repeat(32) },
  signed: signedBy("valid"),
  "signed long ago": signedBy("expired"),
  "signed by another": { kind: "signature", judge: () => "wrong" },
};
const liveOf = (more: Partial<LiveFacts>): LiveFacts => ({
  id: "bold0",
  ...publisher,
  startedAt: now - 3_000,
  seenAt: now - 1_000,
  ...more,
});
const lives: Readonly<Record<string, LiveFacts | undefined>> = {
  nobody: undefined,
  "the same, just now": liveOf({}),
  "the same number, long ago": liveOf({ startedAt: now - 60_000 }),
  "the same instance": liveOf({ clientId: "6" }),
  elsewhere: liveOf({ instance: "live-ingest-2", seenAt: now - lostAfterMs }),
  "elsewhere, silent": liveOf({ instance: "live-ingest-2", seenAt: now - lostAfterMs - 1 }),
};

const keyFacts = (name: keyof typeof keys): KeyFacts => ({ id: "own", hash: hashOf(right), ...keys[name] });
const each = <T>(of: Readonly<Record<string, T>>): readonly string[] => Object.keys(of);

interface Case {
  readonly room: string;
  readonly key: string;
  readonly credential: string;
  readonly live: string;
}
const cases: readonly Case[] = each(rooms).flatMap((room) =>
  each(keys).flatMap((key) =>
    each(credentials).flatMap((credential) => each(lives).map((live) => ({ room, key, credential, live }))),
  ),
);

function decide({ room, key, credential, live }: Case): PublishDecision {
  const world: PublishWorld = {
    now,
    room: rooms[room as keyof typeof rooms],
    keys: [keyFacts(key as keyof typeof keys)],
    live: lives[live],
    lostAfterMs,
  };
  return decidePublish(world, credentials[credential] ?? { kind: "none" }, publisher);
}
const outcome = (decision: PublishDecision): string =>
  decision.kind === "refuse"
    ? decision.code
    : decision.kind === "same"
      ? "same"
      : `accept${decision.ends === undefined ? "" : `, ${decision.ends.reason}`}`;

const proves = ["right key", "signed"];
const isUsable = (key: string) => key === "valid" || key === "valid for a moment";
const isOpen = (room: string) => room === "open" || room === "banned before";

describe("publish, in every small world", () => {
  test(`${cases.length} of them: let in is who proves a usable key of an open room that nobody else is live in`, () => {
    for (const one of cases) {
      const found = outcome(decide(one));
      const isLetIn = !/^[A-Z]/.test(found);
      const may =
        isOpen(one.room) && isUsable(one.key) && proves.includes(one.credential) && one.live !== "elsewhere";
      expect(isLetIn, `${JSON.stringify(one)} → ${found}`).toBe(may);
      if (isLetIn)
        expect(found, JSON.stringify(one)).toBe(
          {
            nobody: "accept",
            "the same, just now": "same",
            "the same number, long ago": "accept, replaced",
            "the same instance": "accept, replaced",
            "elsewhere, silent": "accept, lost",
          }[one.live],
        );
    }
  });

  test("each refusal says what it is, in one order: room, proof, key, ban, others", () => {
    const wanted = ({ room, key, credential }: Case): string => {
      if (room === "absent") return "UNKNOWN_STREAM";
      if (credential === "none") return "KEY_MISSING";
      if (credential === "malformed" || credential === "signed by another") return "SIGNATURE_WRONG";
      if (credential === "wrong key" || credential === "other's key") return "KEY_WRONG";
      if (key.startsWith("revoked")) return "KEY_REVOKED";
      if (key === "expired") return "KEY_EXPIRED";
      if (credential === "signed long ago") return "SIGNATURE_EXPIRED";
      return room === "banned" ? "BANNED" : "ALREADY_LIVE";
    };
    const seen = new Set<string>();
    for (const one of cases) {
      const found = outcome(decide(one));
      if (!/^[A-Z]/.test(found)) continue;
      expect(found, JSON.stringify(one)).toBe(wanted(one));
      seen.add(found);
    }
    expect([...seen].sort()).toEqual([
      "ALREADY_LIVE",
      "BANNED",
      "KEY_EXPIRED",
      "KEY_MISSING",
      "KEY_REVOKED",
      "KEY_WRONG",
      "SIGNATURE_EXPIRED",
      "SIGNATURE_WRONG",
      "UNKNOWN_STREAM",
    ]);
  });
});

describe("publish, with many keys and broadcasts", () => {
  const instants = fc.integer({ min: now - 20_000, max: now + 20_000 });
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
  const someKeys = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom("k1", "k2", "k3", "k4"),
      secret: fc.constantFrom("A", "B", "C", "D").map((letter) => letter.repeat(32)),
      expiresAt: maybe(instants),
      revokedAt: maybe(instants.map((at) => Math.min(at, now))),
    }),
    { selector: (key) => key.id, maxLength: 4 },
  );
  const world = fc.record({
    room: maybe(fc.record({ name: fc.constant("tea"), bannedUntil: maybe(instants) })),
    keys: fc
      .tuple(someKeys, fc.boolean())
      .map(([all]) => all.filter((key, i) => all.findIndex((other) => other.secret === key.secret) === i)),
    live: maybe(
      fc.record({
        id: fc.constant("bold0"),
        instance: fc.constantFrom("live-ingest-1", "live-ingest-2"),
        clientId: fc.constantFrom("6", "7"),
        address: fc.constantFrom("192.0.2.7", "192.0.2.8"),
        startedAt: instants,
        seenAt: instants,
      }),
    ),
  });
  const shown = fc.oneof(
    fc.constantFrom("A", "B", "C", "D", "E").map((letter) => ({ key: letter.repeat(32) })),
    fc.record({ signedBy: fc.constantFrom("k1", "k2", "k3", "k4", "k5"), isOver: fc.boolean() }),
  );
  type World = typeof world extends fc.Arbitrary<infer T> ? T : never;
  type Shown = typeof shown extends fc.Arbitrary<infer T> ? T : never;

  const credentialOf = (of: Shown): Credential =>
    "key" in of
      ? { kind: "key", key: of.key }
      : {
          kind: "signature",
          judge: (id) => (id !== of.signedBy ? "wrong" : of.isOver ? "expired" : "valid"),
        };
  const ask = (given: World, of: Shown): PublishDecision =>
    decidePublish(
      {
        now,
        lostAfterMs,
        ...given,
        keys: given.keys.map(({ secret, ...key }) => ({ ...key, hash: hashOf(secret) })),
      },
      credentialOf(of),
      publisher,
    );

  test("a broadcast is made by a key that is valid and was proven, and never beside one that goes on", () => {
    fc.assert(
      fc.property(world, shown, (given, of) => {
        const decision = ask(given, of);
        if (decision.kind !== "accept") return;
        const key = given.keys.find(({ id }) => id === decision.keyId);
        expect("key" in of ? key?.secret === of.key : key?.id === of.signedBy && !of.isOver).toBe(true);
        expect(key?.revokedAt).toBeUndefined();
        expect(key?.expiresAt ?? now + 1).toBeGreaterThan(now);
        expect(given.room?.bannedUntil ?? 0).toBeLessThanOrEqual(now);
        expect(decision.ends?.broadcast).toBe(given.live?.id);
        if (given.live !== undefined && given.live.instance !== publisher.instance)
          expect(now - given.live.seenAt).toBeGreaterThan(lostAfterMs);
      }),
      { numRuns: 2_000 },
    );
  });

  test("nothing that takes rights away lets anyone in: revoking, expiring, banning, deleting", () => {
    const takings: readonly ((of: World) => World)[] = [
      (of) => ({ ...of, keys: of.keys.map((key) => ({ ...key, revokedAt: now })) }),
      (of) => ({ ...of, keys: of.keys.map((key) => ({ ...key, expiresAt: now })) }),
      (of) => ({ ...of, keys: [] }),
      (of) => ({ ...of, room: of.room && { ...of.room, bannedUntil: now + 1 } }),
      (of) => ({ ...of, room: undefined }),
    ];
    fc.assert(
      fc.property(world, shown, fc.constantFrom(...takings), (given, of, take) => {
        expect(ask(take(given), of).kind).toBe("refuse");
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("update", () => {
  const world = (more: Partial<Omit<UpdateWorld, "broadcast">> & { broadcast?: object }): UpdateWorld => ({
    now,
    room: rooms.open,
    replaced: false,
    ...more,
    broadcast: {
      instance: "live-ingest-1",
      endReason: undefined,
      kicked: false,
      keyRevoked: false,
      ...more.broadcast,
    },
  });
  const asked = (of: UpdateWorld) => {
    const decision = decideUpdate(of, "live-ingest-1");
    return decision.kind === "refuse" ? decision.code : decision.revive ? "revive" : "go on";
  };

  test("goes on unless kicked, banned, revoked, or over", () => {
    expect(asked(world({}))).toBe("go on");
    expect(asked(world({ broadcast: { kicked: true } }))).toBe("KICKED");
    expect(asked(world({ room: rooms.banned }))).toBe("BANNED");
    expect(asked(world({ room: rooms["banned before"] }))).toBe("go on");
    expect(asked(world({ broadcast: { keyRevoked: true } }))).toBe("KEY_REVOKED");
    expect(asked(world({ broadcast: { endReason: "closed" } }))).toBe("BROADCAST_ENDED");
    expect(asked(world({ broadcast: { instance: "live-ingest-2" } }))).toBe("BROADCAST_ENDED");
    expect(asked({ ...world({}), broadcast: undefined })).toBe("BROADCAST_ENDED");
    expect(asked({ ...world({}), room: undefined })).toBe("BROADCAST_ENDED");
  });

  test("one that was given up for lost lives again, unless another took its place or it was ended on purpose", () => {
    const lost = { endReason: "lost" };
    expect(asked(world({ broadcast: lost }))).toBe("revive");
    expect(asked(world({ broadcast: lost, replaced: true }))).toBe("BROADCAST_ENDED");
    expect(asked(world({ broadcast: { ...lost, kicked: true } }))).toBe("KICKED");
    expect(asked(world({ broadcast: { ...lost, keyRevoked: true } }))).toBe("KEY_REVOKED");
    expect(asked(world({ broadcast: { endReason: "replaced" } }))).toBe("BROADCAST_ENDED");
  });
});
