/** Puts the application together, keeps it up to date, and stops it in order. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addressesOf } from "./addresses.ts";
import { endAuctions } from "./auctions/clock.ts";
import { type Feed, feedOf } from "./auctions/feed.ts";
import type { StoredAuction } from "./auctions/rows.ts";
import { auctionsIn } from "./auctions/store.ts";
import { broadcastsIn } from "./broadcasts.ts";
import type { Config } from "./config.ts";
import { openDatabase } from "./database.ts";
import { causeOf } from "./errors.ts";
import { healthIn } from "./health.ts";
import { keepIndex } from "./indexing.ts";
import { keysIn } from "./keys.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { migrate } from "./migrations/migrate.ts";
import { backlogOf } from "./outbox.ts";
import { pinsIn } from "./pins.ts";
import { readinessOf } from "./readiness.ts";
import { relayEvents } from "./relaying.ts";
import { makeReplays } from "./replays/making.ts";
import { replaysIn } from "./replays/store.ts";
import { roomsIn } from "./rooms.ts";
import { secretsIn } from "./secrets.ts";
import { createServer, type Identity, tlsOptions } from "./server.ts";
import { resultsTo } from "./stage/results.ts";
import { openStores } from "./stores.ts";
import { followViewers } from "./viewers.ts";

export interface AppOptions {
  readonly config: Config;
  /** `/secrets/<instance>/current` */
  readonly secretsFolder: string;
  readonly pageFolder: string;
  readonly log: Log;
}

export interface App {
  /** Where it listens. */
  readonly port: number;
  /** Answers what is under way, then closes everything. */
  stop(): Promise<void>;
}

const upkeepMs = 2_000;
const migrateAgainMs = 1_000;
/** A broadcast that nobody reports any more ends, so that no list shows it as live for ever. */
const silentMs = 60_000;
/** But not while the silence may be our own: after MySQL or this instance was away, ingests are given this time. */
const readyBeforeSweepMs = 30_000;
/** What is under way when it is told to stop ends within this, or is cut. */
const drainMs = 8_000;
/** So do the tasks of its own: what a broker was sent and did not answer is sent again by another instance. */
const tasksMs = 3_000;

/** @throws when a secret or the page is not there, or the port is taken; MySQL may be away. */
export async function startApp({ config, secretsFolder, pageFolder, log }: AppOptions): Promise<App> {
  const now = Date.now;
  const secrets = secretsIn(secretsFolder);
  // What every later request would fail by fails now, and says which file it is.
  for (const name of ["mysql.password", "seal.key", "play.key"]) secrets.read(name);
  const identityNow = (): Identity => ({
    ca: secrets.read("ca.crt"),
    cert: secrets.read("tls.crt"),
    key: secrets.read("tls.key"),
  });
  const database = openDatabase(config.mysql, secrets);
  const metrics = createMetrics();
  const stores = openStores(config, secrets, metrics, log);
  const { parts: beside, cache, presence, search, bucket, stage } = stores;
  const readiness = readinessOf(database, beside, now);
  const broadcasts = broadcastsIn(database, secrets, {
    lostAfterMs: config.lostAfterMs,
    records: bucket !== undefined,
  });
  const replays = replaysIn(database);
  const keys = keysIn(database, secrets);
  const stopping = new AbortController();
  const addresses = addressesOf(config, secrets, now);
  const auctions = auctionsIn(database);
  const followed = feedOf(auctions, log);
  const results = stage === undefined ? undefined : resultsTo(stage, log);
  // What this instance committed is told by it alone; what it finds of the other's, its own followers are shown.
  const tell = (stored: StoredAuction): void => {
    followed.tell(stored);
    results?.tell(stored);
  };
  const feed: Feed = { ...followed, tell };
  const state = { readiness, metrics, log, now };
  const health = healthIn(database);
  const parts = {
    config,
    secrets,
    keys,
    broadcasts,
    health,
    addresses,
    cache,
    presence,
    search,
    auctions,
    feed,
    replays,
    bucket,
    stage,
    ...state,
  };

  let identity = identityNow();
  const server = await createServer(
    { ...parts, rooms: roomsIn(database), pins: pinsIn(database) },
    identity,
    pageFolder,
  );
  await server.listen(config.listen);

  const prepare = async (): Promise<void> => {
    for (let said = ""; !stopping.signal.aborted; await pause(migrateAgainMs, stopping.signal)) {
      try {
        const steps = await migrate(database);
        const resealed = await keys.reseal();
        readiness.schemaIsThere();
        log("schema is up to date", { steps: steps.join(", "), resealed });
        return;
      } catch (error) {
        const cause = causeOf(error);
        if (cause !== said) log("the database cannot be prepared yet", { cause });
        said = cause;
      }
    }
  };
  const upkeep = async (): Promise<void> => {
    for (let was: boolean | undefined; !stopping.signal.aborted; await pause(upkeepMs, stopping.signal)) {
      const state = await readiness.state();
      if (state.ready !== was)
        log(state.ready ? "ready" : "not ready", { mysql: state.mysql, cause: state.cause });
      was = state.ready;
      metrics.ready(state.ready);
      try {
        renew();
        if (!state.ready) continue;
        metrics.live(await broadcasts.live());
        if (config.kafka !== undefined) {
          const { depth, lagMs } = await backlogOf(database);
          metrics.backlog(depth, lagMs / 1_000);
        }
        if (readiness.readyForMs() < readyBeforeSweepMs) continue;
        for (const broadcast of await broadcasts.sweep(silentMs)) log("broadcast lost", { broadcast });
      } catch (error) {
        log("upkeep failed", { cause: causeOf(error) });
      }
    }
  };
  const renew = () => {
    const next = identityNow();
    if (next.cert === identity.cert && next.key === identity.key && next.ca === identity.ca) return;
    server.server.setSecureContext(tlsOptions(next));
    identity = next;
    log("certificate renewed");
  };
  const record = async (): Promise<void> => {
    if (bucket === undefined) return;
    const { keepDays } = config.replays;
    const owner = randomUUID();
    const wait = (ms: number) => pause(ms, stopping.signal);
    await makeReplays({ replays, bucket, owner, keepDays, log, pause: wait }, stopping.signal);
  };
  const work = async (): Promise<void> => {
    const deps = { config, database, secrets, metrics, parts: beside, log };
    await Promise.all([
      relayEvents(deps, stopping.signal),
      endAuctions({ auctions, feed, log }, stopping.signal),
      record(),
      presence === undefined ? undefined : followViewers({ ...deps, presence }, stopping.signal),
      search === undefined ? undefined : keepIndex({ ...deps, index: search }, stopping.signal),
    ]);
  };
  const tasks = Promise.all([prepare().then(work), upkeep(), feed.watch(stopping.signal)]);
  const { port } = server.server.address() as { readonly port: number };
  log("listening", { port });

  return {
    port,
    stop: async () => {
      log("stopping");
      readiness.stop();
      stopping.abort();
      await Promise.race([server.close(), sleep(drainMs, undefined, { ref: false })]);
      server.server.closeAllConnections();
      await Promise.race([tasks, sleep(tasksMs, undefined, { ref: false })]);
      await stores.close();
      await database.close();
      log("stopped");
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});

/** Where the bundle's page lies: beside it. */
export const pageBeside = (bundle: string): string => join(bundle, "page");
