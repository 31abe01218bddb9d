/** What one node knows of the cluster: CLUSTER NODES and the like, parsed. */
import { joinSlots, parseSlotRange, type Slots } from "./slots.ts";

/** One line of CLUSTER NODES: what the asked node believes of one node. */
export interface TableEntry {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly self: boolean;
  readonly role: "master" | "replica";
  /** `maybe`: this node cannot reach it (PFAIL). `yes`: most masters cannot (FAIL). */
  readonly failing: "no" | "maybe" | "yes";
  /** Its name is not known yet; the id is made up. */
  readonly handshake: boolean;
  readonly noAddress: boolean;
  readonly masterId: string | undefined;
  readonly epoch: number;
  readonly linked: boolean;
  /** Milliseconds since the epoch of its last answer by the asked node's clock; 0 for never. */
  readonly lastAnswerAt: number;
  readonly slots: Slots;
  /** Slots being moved in or out. */
  readonly moving: number;
}

/**
 * `<id> <ip:port@cport[,hostname]> <flags> <master> <ping-sent> <pong-recv> <config-epoch> <link-state> <slot> …`
 * (redis.io/docs, CLUSTER NODES). @throws RangeError when a line is not of that form: half a table must never pass
 * for the whole.
 */
export function parseClusterNodes(text: string): readonly TableEntry[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map(parseLine);
}

function parseLine(line: string): TableEntry {
  const [id, address, flagText, master, , pong, epoch, link, ...slotWords] = line.split(" ");
  const at = /^(.*):([0-9]+)(?:@[0-9]+)?(?:,.*)?$/.exec(address ?? "");
  if (
    id === undefined ||
    !/^[0-9a-f]{40}$/.test(id) ||
    at === null ||
    flagText === undefined ||
    link === undefined
  )
    throw new RangeError(`no line of CLUSTER NODES: ${line}`);
  const flags = flagText.split(",");
  return {
    id,
    host: at[1] ?? "",
    port: Number(at[2]),
    self: flags.includes("myself"),
    role: flags.includes("slave") || flags.includes("replica") ? "replica" : "master",
    failing: flags.includes("fail") ? "yes" : flags.includes("fail?") ? "maybe" : "no",
    handshake: flags.includes("handshake"),
    noAddress: flags.includes("noaddr") || (at[1] ?? "") === "",
    masterId: master === "-" ? undefined : master,
    epoch: Number(epoch),
    linked: link === "connected",
    lastAnswerAt: Number(pong),
    slots: joinSlots(
      slotWords.flatMap((word) => {
        const range = parseSlotRange(word);
        return range === undefined ? [] : [range];
      }),
    ),
    moving: slotWords.filter((word) => word.startsWith("[")).length,
  };
}

/** `name:value` lines of INFO and CLUSTER INFO. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) values.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return values;
}
