/** Which addresses the engine's networks use: a range that nothing on this host routes. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson, writeAtomic } from "../../state.ts";
import { engineError } from "../errors.ts";
import type { Layout } from "./layout.ts";

export interface Subnet {
  /** Network address as an unsigned 32-bit number. */
  readonly base: number;
  /** 0–32. */
  readonly bits: number;
}

/** One /16: the default bridge takes its first /24, other networks a /24 each of its upper half (128 networks). */
export interface Range {
  /** "10.201.0.0/16" */
  readonly range: string;
  /** Address of the default bridge: "10.201.0.1/24" */
  readonly bridge: string;
  /** "10.201.128.0/17" */
  readonly pool: string;
}

export function parseSubnet(cidr: string): Subnet | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(cidr);
  if (!match) return undefined;
  const octets = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (octets.some((octet) => octet > 255) || bits > 32) return undefined;
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { base: address - (address % 2 ** (32 - bits)), bits };
}

export function formatSubnet({ base, bits }: Subnet): string {
  return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${bits}`;
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  const size = 2 ** (32 - Math.min(a.bits, b.bits));
  return Math.floor(a.base / size) === Math.floor(b.base / size);
}

/**
 * Destinations in /proc/net/route, without the default route. Its numbers are hexadecimal in the byte order of
 * the machine, which is little-endian on every architecture that the packages exist for.
 */
export function parseRoutes(procNetRoute: string): Subnet[] {
  return procNetRoute
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields.length > 7)
    .map((fields) => ({ base: swapped(fields[1] ?? ""), bits: bitsIn(swapped(fields[7] ?? "")) }))
    .filter(({ bits }) => bits > 0);
}

const swapped = (hex: string) => Buffer.from(hex, "hex").readUInt32LE(0);

function bitsIn(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/**
 * Candidates in order: the upper half of 10/8, which routers and clouds hand out last, then 172.16/12 above
 * Docker's own default (172.17–172.31 are its pools; only where 10/8 is all routed).
 */
export function candidates(): Subnet[] {
  const sixteen = (a: number, b: number): Subnet => ({ base: a * 2 ** 24 + b * 2 ** 16, bits: 16 });
  const upper = Array.from({ length: 54 }, (_, i) => sixteen(10, 201 + i));
  const lower = Array.from({ length: 100 }, (_, i) => sixteen(10, 101 + i));
  const twelve = Array.from({ length: 16 }, (_, i) => sixteen(172, 31 - i));
  return [...upper, ...lower, ...twelve];
}

export function chooseRange(
  taken: readonly Subnet[],
  wanted: readonly Subnet[] = candidates(),
): Range | undefined {
  const free = wanted.find((candidate) => !taken.some((subnet) => overlaps(candidate, subnet)));
  if (free === undefined) return undefined;
  const prefix = formatSubnet(free).split(".").slice(0, 2).join(".");
  return { range: formatSubnet(free), bridge: `${prefix}.0.1/24`, pool: `${prefix}.128.0/17` };
}

/**
 * The range of this engine: the one it has, else a free one, which is kept: its networks are made from it.
 * @param reserved ranges of other private engines on this host, whose networks may not exist yet
 * @throws ENGINE_NO_SUBNET
 */
export async function rangeOf(layout: Layout, reserved: readonly string[]): Promise<Range> {
  const kept = (await readJson(layout.range)) as Partial<Range> | undefined;
  if (kept?.range && kept.bridge && kept.pool)
    return { range: kept.range, bridge: kept.bridge, pool: kept.pool };
  const forced = process.env.MALL_ENGINE_SUBNET;
  const routes = parseRoutes(await readFile("/proc/net/route", "utf8").catch(() => ""));
  const taken = [...routes, ...(await nameServers()), ...reserved.flatMap((cidr) => parseSubnet(cidr) ?? [])];
  const wanted =
    forced === undefined ? candidates() : [parseSubnet(forced)].flatMap((s) => (s?.bits === 16 ? s : []));
  const range = chooseRange(taken, wanted);
  if (range === undefined) throw engineError.ENGINE_NO_SUBNET({ taken: taken.map(formatSubnet).join(", ") });
  await writeAtomic(layout.range, `${JSON.stringify(range)}\n`);
  return range;
}

/** A name server is often reached by the default route, so no route tells of its network. */
async function nameServers(): Promise<Subnet[]> {
  const resolv = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  return resolv.split("\n").flatMap((line) => parseSubnet(/^nameserver\s+(\S+)/.exec(line)?.[1] ?? "") ?? []);
}

/** Ranges that other private engines' folders, named by the registry of running ones, have recorded. */
export async function registeredRanges(folder: string, own: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter(
    (n) => n.endsWith(".json") && n !== `${own}.json`,
  );
  const entries = (await Promise.all(names.map((name) => readJson(join(folder, name))))) as Partial<Range>[];
  return entries.flatMap((entry) => entry?.range ?? []);
}
