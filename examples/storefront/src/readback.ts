/**
 * Reads everything back after a run and holds it against what was loaded and what was acknowledged: on the
 * primary and on every replica (once it has applied the primary's transactions), in the cache, the topics, the search
 * index, the sales figures and the pictures.
 */
import type { Cache } from "./catalogue-cache.ts";
import type { Database, Session } from "./database.ts";
import { storefrontError } from "./errors.ts";
import type { Bus } from "./events/bus.ts";
import type { Finding } from "./finding.ts";
import { invariants } from "./invariants.ts";
import type { WrittenEntry } from "./ledger.ts";
import type { Manifest } from "./load.ts";
import type { PictureStore } from "./pictures/store.ts";
import { type CacheReadback, cacheFindings } from "./readback-cache.ts";
import { loadFindings } from "./readback-counts.ts";
import { announcedFindings, announcedRules, brokerFindings, type EventReadback } from "./readback-events.ts";
import { ledgerFindings } from "./readback-ledger.ts";
import { type PictureReadback, pictureFindings } from "./readback-pictures.ts";
import { type SearchReadback, searchFindings } from "./readback-search.ts";
import { dataTables } from "./schema.ts";
import type { CatalogueIndex } from "./search/catalogue-index.ts";

export interface ServerReadback {
  readonly role: "primary" | "replica";
  readonly serverId: number;
  readonly uuid: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Order-independent digest of each table's rows. */
  readonly digests: Readonly<Record<string, string>>;
  /** How long it took to have the primary's transactions, in ms. */
  readonly caughtUpMs: number;
}

export interface Readback {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly servers: readonly ServerReadback[];
  readonly acknowledged: Readonly<Record<string, number>>;
  readonly open: number;
  readonly cache: CacheReadback;
  readonly events: EventReadback;
  readonly search: SearchReadback;
  readonly pictures: PictureReadback;
  readonly checks: number;
  readonly tookMs: number;
}

export interface ReadbackInput {
  readonly primary: Database;
  readonly replicas: Database;
  readonly cache: Cache;
  readonly bus: Pick<Bus, "readAll">;
  readonly index: Pick<CatalogueIndex, "refresh" | "readAll">;
  readonly pictures: Pick<PictureStore, "viewUrl" | "get">;
  /** Pictures that are read back; the rest is counted. */
  readonly pictureSample: number;
  readonly manifest: Manifest;
  readonly entries: readonly WrittenEntry[];
  /** Replicas that must be found behind the endpoint. */
  readonly expectedReplicas: number;
  /** Popular products looked up in the cache, besides those whose price was changed. */
  readonly cacheSample: number;
  readonly catchUpMs: number;
  readonly note: (text: string) => void;
}

/** @throws REPLICA_BEHIND */
export async function readBack(input: ReadbackInput): Promise<Readback> {
  const began = Date.now();
  const { manifest, entries, note } = input;
  note("comparing the search index with the rows");
  const search = await searchFindings(input.primary, input.index, input.catchUpMs);
  note("reading the primary");
  const gtids = await input.primary.use(executed);
  const main = await input.primary.use((session) => inSnapshot(session, () => readServer(session, input)));
  note("reading the replicas");
  const others = await readReplicas(input, gtids);
  note("reading the cache");
  const cache = await cacheFindings(input.cache, input.primary, manifest, entries, input.cacheSample);

  note("reading the topics");
  const events = await brokerFindings(input.primary, input.bus, manifest.id);
  note("reading the pictures");
  const pictures = await pictureFindings(input.primary, input.pictures, input.pictureSample);

  const findings: Finding[] = [main, cache, search, events, pictures].flatMap((one) => one.findings);
  for (const other of others) {
    findings.push(...other.findings, ...differences(main.server, other.server));
  }
  if (others.length < input.expectedReplicas)
    findings.push({
      check: "replicas-found",
      where: "the replicas' endpoint",
      detail: `${others.length} replicas answered, ${input.expectedReplicas} were expected`,
    });
  return {
    ok: findings.length === 0,
    findings,
    servers: [main.server, ...others.map((other) => other.server)],
    acknowledged: countBy(entries.filter((e) => e.answer?.is === "acknowledged").map((e) => e.intent.do)),
    open: entries.filter((e) => e.answer === undefined || e.answer.is === "open").length,
    cache: cache.readback,
    events: events.readback,
    search: search.readback,
    pictures: pictures.readback,
    checks: main.checks + others.reduce((sum, other) => sum + other.checks + dataTables.length, 0) + 4,
    tookMs: Date.now() - began,
  };
}

const executed = async (session: Session): Promise<string> => {
  const [row] = await session.rows<{ gtids: string }>("SELECT @@GLOBAL.gtid_executed AS gtids");
  return row?.gtids ?? "";
};

interface Read {
  readonly server: ServerReadback;
  readonly findings: readonly Finding[];
  readonly checks: number;
}

/** All statements of one server see one moment. */
async function inSnapshot<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  try {
    return await work();
  } finally {
    await session.run("COMMIT");
  }
}

async function readServer(
  session: Session,
  input: ReadbackInput,
  role: "primary" | "replica" = "primary",
  caughtUpMs = 0,
): Promise<Read> {
  const [identity] = await session.rows<{ id: number; uuid: string }>(
    "SELECT @@server_id AS id, @@server_uuid AS uuid",
  );
  const where = `${role} ${identity?.id ?? "?"}`;
  const counts: Record<string, number> = {};
  const digests: Record<string, string> = {};
  for (const table of dataTables) {
    const { count, digest } = await tableDigest(session, table);
    counts[table] = count;
    digests[table] = digest;
  }
  const findings: Finding[] = [];
  for (const invariant of invariants) {
    const rows = await session.rows<Record<string, unknown>>(`${invariant.violations} LIMIT 5`);
    for (const row of rows)
      findings.push({ check: invariant.id, where, detail: `${invariant.says}: ${JSON.stringify(row)}` });
  }
  findings.push(...(await loadFindings(session, input.manifest, input.entries, where)));
  findings.push(...(await ledgerFindings(session, input.manifest, input.entries, where)));
  findings.push(...(await announcedFindings(session, input.manifest, where)));
  const server = {
    role,
    serverId: identity?.id ?? 0,
    uuid: identity?.uuid ?? "",
    counts,
    digests,
    caughtUpMs,
  };
  return { server, findings, checks: invariants.length + announcedRules + 2 };
}

/**
 * Rows and a digest that does not depend on their order: two 32-bit checksums of every row, added and XORed, so
 * that a changed, missing or doubled row shows.
 */
async function tableDigest(session: Session, table: string): Promise<{ count: number; digest: string }> {
  const columns = await session.rows<{ name: string }>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position",
    [table],
  );
  // CONCAT_WS leaves NULL out: its place is kept by a mark that no value has.
  const row = `CONCAT_WS('\\0', ${columns.map((c) => `COALESCE(CAST(\`${c.name}\` AS CHAR), '\\1')`).join(", ")})`;
  const [found] = await session.rows<{ n: number; added: number; mixed: number }>(
    `SELECT COUNT(*) AS n, COALESCE(SUM(CRC32(r)), 0) AS added, BIT_XOR(CRC32(REVERSE(r))) AS mixed
     FROM (SELECT ${row} AS r FROM ${table}) AS digested`,
  );
  return { count: found?.n ?? 0, digest: `${found?.added ?? 0}-${found?.mixed ?? 0}` };
}

/** As many connections at once as it takes to meet each replica behind the endpoint; each is read once. */
async function readReplicas(input: ReadbackInput, gtids: string): Promise<readonly Read[]> {
  const connections = Math.max(4, input.expectedReplicas * 3);
  const reads = new Map<string, Promise<Read>>();
  await Promise.all(
    Array.from({ length: connections }, () =>
      input.replicas.use(async (session) => {
        const [row] = await session.rows<{ uuid: string }>("SELECT @@server_uuid AS uuid");
        const uuid = row?.uuid ?? "";
        if (reads.has(uuid)) return;
        const read = readReplica(session, input, gtids);
        reads.set(uuid, read);
        await read;
      }),
    ),
  );
  return await Promise.all(reads.values());
}

async function readReplica(session: Session, input: ReadbackInput, gtids: string): Promise<Read> {
  const began = Date.now();
  const [waited] = await session.rows<{ late: number }>("SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS late", [
    gtids,
    input.catchUpMs / 1_000,
  ]);
  const caughtUpMs = Date.now() - began;
  if (waited?.late !== 0) {
    const [row] = await session.rows<{ id: number }>("SELECT @@server_id AS id");
    throw storefrontError.REPLICA_BEHIND({ server: String(row?.id ?? "?"), waitedMs: caughtUpMs });
  }
  return await inSnapshot(session, () => readServer(session, input, "replica", caughtUpMs));
}

const differences = (primary: ServerReadback, replica: ServerReadback): readonly Finding[] =>
  dataTables
    .filter(
      (table) =>
        primary.counts[table] !== replica.counts[table] || primary.digests[table] !== replica.digests[table],
    )
    .map((table) => ({
      check: "replica-equal",
      where: `replica ${replica.serverId}`,
      detail: `table ${table} differs from the primary's: ${replica.counts[table]} rows here, ${primary.counts[table]} there`,
    }));

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
