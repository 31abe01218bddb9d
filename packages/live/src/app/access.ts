/** Who may do what: one pure table for the whole application. */
import type { Code } from "./errors.ts";

/** Who asks. Services and operators show a client certificate of the mall's CA, users a token, strangers nothing. */
export type Who =
  | { readonly kind: "operator" }
  | { readonly kind: "ingest" }
  | { readonly kind: "metrics" }
  /** Itself, not a viewer whose request it forwards. */
  | { readonly kind: "edge" }
  | { readonly kind: "streamer"; readonly subject: string; readonly merchant: string }
  | { readonly kind: "viewer"; readonly subject: string }
  | { readonly kind: "anyone" };

/**
 * `internal`: publish, update, done. `objects`: what is recorded. `metrics`: figures. `administer`: rooms made and
 * deleted, bans, tokens. `manage`: one room's keys, push addresses, kick, auctions. `look`: a room's public face.
 * `play`: its stream. `bid`: in any room's auction.
 */
export type Act = "internal" | "objects" | "metrics" | "administer" | "manage" | "look" | "play" | "bid";

export interface RoomAccess {
  readonly merchant: string;
  readonly visibility: "public" | "members";
}

/** @param room for `manage` and `play` @returns why not, or undefined when it is allowed */
export function mayNot(who: Who, act: Act, room?: RoomAccess): Code | undefined {
  switch (act) {
    case "internal":
      return who.kind === "ingest" ? undefined : "FORBIDDEN";
    case "objects":
      return who.kind === "edge" ? undefined : "FORBIDDEN";
    case "metrics":
      return who.kind === "metrics" || who.kind === "operator" ? undefined : "FORBIDDEN";
    case "administer":
      return who.kind === "operator" ? undefined : "FORBIDDEN";
    case "manage":
      return who.kind === "operator" || (who.kind === "streamer" && who.merchant === room?.merchant)
        ? undefined
        : "FORBIDDEN";
    case "bid":
      if (who.kind === "viewer") return undefined;
      return who.kind === "anyone" ? "LOGIN_REQUIRED" : "FORBIDDEN";
    case "look":
      return undefined;
    case "play":
      if (room?.visibility === "public" || who.kind === "operator") return undefined;
      return who.kind === "viewer" || who.kind === "streamer" ? undefined : "LOGIN_REQUIRED";
  }
}

/**
 * What a certificate of the mall's CA makes of its holder, by its common name. An edge forwards users' requests: its
 * certificate gives no right of its own.
 */
export function serviceOf(commonName: string): "operator" | "ingest" | "metrics" | "edge" | undefined {
  // The agent carries out what the operator asks of it, and holds every credential of the mall already.
  if (commonName === "operator" || commonName === "agent") return "operator";
  if (commonName === "prometheus") return "metrics";
  const workload = /^(live-ingest|live-edge)(?:-[1-9][0-9]?)?$/.exec(commonName)?.[1];
  if (workload === undefined) return undefined;
  return workload === "live-ingest" ? "ingest" : "edge";
}
