/**
 * Whether a publisher may begin, and whether a running broadcast may go on. Pure: the store reads the world inside of a
 * transaction that holds the room, asks here, and writes what is answered.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { PublishRefusal, UpdateRefusal } from "./errors.ts";

/** All times are ms since the epoch, by the database's clock: instances of the application need not agree on theirs. */
export interface RoomFacts {
  readonly name: string;
  /** Banned while this lies in the future. */
  readonly bannedUntil: number | undefined;
}

export interface KeyFacts {
  readonly id: string;
  /** SHA-256 of the key. */
  readonly hash: Uint8Array;
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
}

/** Who publishes: nginx's number of the connection is unique on its instance until that starts again. */
export interface Publisher {
  readonly instance: string;
  readonly clientId: string;
  readonly address: string;
}

/** A broadcast that has not ended. */
export interface LiveFacts extends Publisher {
  readonly id: string;
  readonly startedAt: number;
  /** The last report of its ingest instance. */
  readonly seenAt: number;
}

export interface PublishWorld {
  readonly now: number;
  readonly room: RoomFacts | undefined;
  /** All of the room, in any order. */
  readonly keys: readonly KeyFacts[];
  readonly live: LiveFacts | undefined;
  /** A broadcast that is silent for longer counts as lost, ms. */
  readonly lostAfterMs: number;
}

/** What a push address carries as proof. */
export type Credential =
  | { readonly kind: "none" }
  | { readonly kind: "key"; readonly key: string }
  | {
      readonly kind: "signature";
      /** Whether it was made with this stream key of the room, and when it is genuine, whether its time is over. */
      readonly judge: (keyId: string) => "valid" | "expired" | "wrong";
    }
  /** Several proofs at once, or one that nobody writes so. */
  | { readonly kind: "malformed" };

export type PublishDecision =
  | { readonly kind: "refuse"; readonly code: PublishRefusal }
  /** The same publisher asks again: the answer to its first question was lost on the way. */
  | { readonly kind: "same"; readonly broadcast: string }
  | {
      readonly kind: "accept";
      readonly keyId: string;
      /** The room's former broadcast, which is over although nobody said so. */
      readonly ends: { readonly broadcast: string; readonly reason: "lost" | "replaced" } | undefined;
    };

/** A question is repeated at once or not at all: later, the same number is another connection. */
const repeatedWithinMs = 10_000;

export function decidePublish(
  world: PublishWorld,
  credential: Credential,
  publisher: Publisher,
): PublishDecision {
  if (world.room === undefined) return refuse("UNKNOWN_STREAM");
  const key = keyOf(world, credential);
  if (typeof key === "string") return refuse(key);
  // Only who holds a key of the room learns more of it.
  if (isBanned(world.room, world.now)) return refuse("BANNED");
  const { live } = world;
  if (live === undefined) return { kind: "accept", keyId: key.id, ends: undefined };
  if (isSame(live, publisher, world.now)) return { kind: "same", broadcast: live.id };
  // An ingest instance keeps second publishers of a stream away by itself: when it asks, its first one is gone.
  if (live.instance === publisher.instance)
    return { kind: "accept", keyId: key.id, ends: { broadcast: live.id, reason: "replaced" } };
  if (world.now - live.seenAt > world.lostAfterMs)
    return { kind: "accept", keyId: key.id, ends: { broadcast: live.id, reason: "lost" } };
  return refuse("ALREADY_LIVE");
}

const refuse = (code: PublishRefusal): PublishDecision => ({ kind: "refuse", code });

const isBanned = (room: RoomFacts, now: number): boolean =>
  room.bannedUntil !== undefined && room.bannedUntil > now;

const isSame = (live: LiveFacts, publisher: Publisher, now: number): boolean =>
  live.instance === publisher.instance &&
  live.clientId === publisher.clientId &&
  live.address === publisher.address &&
  now - live.startedAt < repeatedWithinMs;

/** The room's key that the credential proves, or why it proves none. */
function keyOf({ keys, now }: PublishWorld, credential: Credential): KeyFacts | PublishRefusal {
  switch (credential.kind) {
    case "none":
      return "KEY_MISSING";
    case "malformed":
      return "SIGNATURE_WRONG";
    case "key": {
      const hash = hashOf(credential.key);
      return usable(
        keys.filter((key) => timingSafeEqual(key.hash, hash)),
        now,
        "KEY_WRONG",
      );
    }
    case "signature": {
      const made = keys.filter((key) => credential.judge(key.id) !== "wrong");
      const key = usable(made, now, "SIGNATURE_WRONG");
      return typeof key !== "string" && credential.judge(key.id) === "expired" ? "SIGNATURE_EXPIRED" : key;
    }
  }
}

function usable<C extends PublishRefusal>(
  matching: readonly KeyFacts[],
  now: number,
  none: C,
): KeyFacts | C | "KEY_REVOKED" | "KEY_EXPIRED" {
  const [key] = matching;
  if (key === undefined) return none;
  if (key.revokedAt !== undefined) return "KEY_REVOKED";
  return isExpired(key, now) ? "KEY_EXPIRED" : key;
}

export const isExpired = (key: Pick<KeyFacts, "expiresAt">, now: number): boolean =>
  key.expiresAt !== undefined && key.expiresAt <= now;

/** SHA-256, by which a key is found again. Keys are 190 random bits: nothing slower is needed. */
export const hashOf = (key: string): Uint8Array => createHash("sha256").update(key, "utf8").digest();

export interface UpdateWorld {
  readonly now: number;
  readonly room: RoomFacts | undefined;
  /** undefined: nobody has heard of it. */
  readonly broadcast:
    | {
        readonly instance: string;
        readonly endReason: string | undefined;
        readonly kicked: boolean;
        /** Revoked since: a key that merely expired lets a broadcast come to its end. */
        readonly keyRevoked: boolean;
      }
    | undefined;
  /** Another broadcast of the same room is live. */
  readonly replaced: boolean;
}

export type UpdateDecision =
  | { readonly kind: "refuse"; readonly code: UpdateRefusal }
  /** `revive`: it was given up for lost, and is not. */
  | { readonly kind: "go-on"; readonly revive: boolean };

export function decideUpdate(world: UpdateWorld, instance: string): UpdateDecision {
  const { room, broadcast } = world;
  const end = (code: UpdateRefusal): UpdateDecision => ({ kind: "refuse", code });
  if (room === undefined || broadcast === undefined || broadcast.instance !== instance)
    return end("BROADCAST_ENDED");
  if (broadcast.kicked) return end("KICKED");
  if (isBanned(room, world.now)) return end("BANNED");
  if (broadcast.keyRevoked) return end("KEY_REVOKED");
  if (broadcast.endReason === undefined) return { kind: "go-on", revive: false };
  if (broadcast.endReason === "lost" && !world.replaced) return { kind: "go-on", revive: true };
  return end("BROADCAST_ENDED");
}
