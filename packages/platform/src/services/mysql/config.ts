/**
 * my.cnf of one node: valid for MySQL 8.4 and 9.7. Values are written as the server prints them, so that a live
 * setting can be compared with what runs. Two things are never in this file: a server that may be written to, and
 * the source side of semi-sync; both belong to the role, which the agent alone gives.
 */

import type { Apply, ConfigFile, InstanceName, Setting } from "../../plan/model.ts";
import { secretsDir } from "../../plan/names.ts";
import { files, nodeAddress, nodeNames, ports, serverIdOf } from "./names.ts";
import { perThread, sizing } from "./sizing.ts";
import type { MysqlSpec } from "./spec.ts";

type Value = string | number;
type Group = Readonly<Record<string, Value>>;

const on = "ON";
const off = "OFF";

/** `onNoReplica: block`: 49 days, the longest there is ("rpl_semi_sync_source_timeout": 0 to 4294967295 ms). */
export const foreverMs = 4_294_967_295;

/** Never a default of the server's own: whatever answers must be what this file says. */
function identity(instance: InstanceName): Group {
  const secrets = secretsDir(instance);
  return {
    server_id: serverIdOf(instance),
    report_host: nodeAddress(instance),
    report_port: ports.mysql,
    datadir: files.data,
    tmpdir: files.temporary,
    socket: files.socket,
    pid_file: files.pid,
    port: ports.mysql,
    bind_address: "*",
    // Answers when all connections are taken (MY-7). A wildcard is refused here, so the host's own name.
    admin_address: instance,
    admin_port: ports.admin,
    create_admin_listener_thread: on,
    mysqlx: off,
    // The file is the only word: a forgotten SET PERSIST must not outlive a change of it.
    persisted_globals_load: off,
    ssl_ca: `${secrets}/ca.crt`,
    ssl_cert: `${secrets}/tls.crt`,
    ssl_key: `${secrets}/tls.key`,
    admin_ssl_ca: `${secrets}/ca.crt`,
    admin_ssl_cert: `${secrets}/tls.crt`,
    admin_ssl_key: `${secrets}/tls.key`,
    // Clients may have older libraries: 1.2 stays allowed, as everywhere in the mall.
    tls_version: "TLSv1.2,TLSv1.3",
    admin_tls_version: "TLSv1.2,TLSv1.3",
    auto_generate_certs: off,
    caching_sha2_password_auto_generate_rsa_keys: off,
  };
}

/** Restarted or new, a node is a closed replica until the agent says otherwise. */
const role: Group = { read_only: on, super_read_only: on };

const replication = (spec: MysqlSpec): Group => ({
  log_bin: `${files.data}/binlog`,
  log_replica_updates: on,
  gtid_mode: on,
  enforce_gtid_consistency: on,
  binlog_row_image: "FULL",
  relay_log: `${files.data}/relay`,
  // OFF keeps what a replica has received and acknowledged, but not yet applied, over its own restart: with ON it
  // would throw that away and ask a source for it that may be gone. GTID positioning skips what is there twice.
  relay_log_recovery: off,
  replica_parallel_workers: sizing(spec).applierThreads,
  replica_preserve_commit_order: on,
  plugin_load_add: "semisync_source.so;semisync_replica.so;mysql_clone.so",
});

/** `loose_`: plugins are not loaded while the data directory is initialized, and not every build knows NUMA. */
const loose = (instance: InstanceName): Group => ({
  clone_ssl_ca: `${secretsDir(instance)}/ca.crt`,
  clone_ssl_cert: `${secretsDir(instance)}/tls.crt`,
  clone_ssl_key: `${secretsDir(instance)}/tls.key`,
  innodb_numa_interleave: off,
});

const server: Group = {
  skip_name_resolve: on,
  character_set_server: "utf8mb4",
  collation_server: "utf8mb4_0900_ai_ci",
  default_time_zone: "+00:00",
  secure_file_priv: "NULL",
  innodb_flush_method: "O_DIRECT",
  slow_query_log_file: files.slowLog,
  // Nothing here runs by itself on a server. And with it on an orderly stop of a source takes 8 s more: it waits in
  // vain for that thread's session to end before it lets its replicas go.
  event_scheduler: off,
};

const memory = (spec: MysqlSpec): Group => {
  const size = sizing(spec);
  return {
    innodb_buffer_pool_chunk_size: size.bufferPoolChunkBytes,
    thread_stack: perThread.thread_stack,
    open_files_limit: size.files,
    // The larger caches are made at start and by max_connections; growing them live would outgrow this.
    table_open_cache: size.tableOpenCache,
    table_definition_cache: size.tableDefinitionCache,
  };
};

/** Threads beside the clients': background, replication, dump and admin ones. */
const otherThreads = 128;

/**
 * performance_schema stays on, for statements, tables, replication and threads: query latency is measured by it.
 * Off: the classes and histories nobody reads here, whose tables take most of its memory (measured at 80 connections:
 * 39 MiB instead of 170).
 */
const performanceSchema = (spec: MysqlSpec): Group => ({
  performance_schema: on,
  performance_schema_max_memory_classes: 0,
  performance_schema_max_mutex_classes: 0,
  performance_schema_max_rwlock_classes: 0,
  performance_schema_max_cond_classes: 0,
  performance_schema_max_stage_classes: 0,
  performance_schema_error_size: 0,
  performance_schema_max_thread_instances: sizing(spec).maxConnections + otherThreads,
  performance_schema_events_statements_history_size: 2,
  performance_schema_events_transactions_history_size: 0,
  performance_schema_events_waits_history_size: 0,
  performance_schema_events_stages_history_size: 0,
  performance_schema_events_statements_history_long_size: 0,
  performance_schema_events_transactions_history_long_size: 0,
  performance_schema_events_waits_history_long_size: 0,
  performance_schema_events_stages_history_long_size: 0,
  performance_schema_digests_size: 2_000,
  performance_schema_max_digest_length: 512,
  performance_schema_max_sql_text_length: 512,
  performance_schema_accounts_size: 50,
  performance_schema_hosts_size: 50,
  performance_schema_users_size: 20,
});

/** Read by a start alone, but set on a running server as well when the plan changes them. */
const live = (spec: MysqlSpec): Group => {
  const size = sizing(spec);
  return {
    require_secure_transport: on,
    innodb_buffer_pool_size: size.bufferPoolBytes,
    innodb_redo_log_capacity: size.redoBytes,
    innodb_log_buffer_size: 8 * 2 ** 20,
    max_connections: size.maxConnections,
    // With names not resolved, an address that only knocks (a load balancer's check) would be locked out after 100.
    max_connect_errors: 1_000_000_000,
    temptable_max_ram: size.temporaryTableBytes,
    // Beyond memory the internal temporary tables go to InnoDB on disk, not to mapped files.
    temptable_max_mmap: 0,
    tmp_table_size: 16 * 2 ** 20,
    max_heap_table_size: 16 * 2 ** 20,
    key_buffer_size: 2 ** 20,
    sort_buffer_size: perThread.sort_buffer_size,
    join_buffer_size: perThread.join_buffer_size,
    read_buffer_size: perThread.read_buffer_size,
    read_rnd_buffer_size: perThread.read_rnd_buffer_size,
    binlog_cache_size: perThread.binlog_cache_size,
    net_buffer_length: perThread.net_buffer_length,
    max_allowed_packet: 64 * 2 ** 20,
    local_infile: off,
    sync_binlog: 1,
    innodb_flush_log_at_trx_commit: 1,
    binlog_expire_logs_seconds: Math.ceil(spec.binlogRetention / 1_000),
    max_binlog_size: 256 * 2 ** 20,
    replica_net_timeout: 4,
    // What waits in the appliers' queues; an event larger than this is let through alone (default: 128 MiB).
    replica_pending_jobs_size_max: 16 * 2 ** 20,
    slow_query_log: on,
    long_query_time: spec.slowQuery / 1_000,
    log_error_verbosity: 2,
  };
};

/** Semi-sync's shape; who is the source is not said here. */
const semiSync = (spec: MysqlSpec): Group => ({
  rpl_semi_sync_replica_enabled: spec.replication === "semi-sync" ? on : off,
  rpl_semi_sync_source_wait_point: "AFTER_SYNC",
  rpl_semi_sync_source_wait_for_replica_count: 1,
  rpl_semi_sync_source_wait_no_replica: on,
  rpl_semi_sync_source_timeout: spec.onNoReplica === "block" ? foreverMs : spec.noReplicaTimeout,
});

/** Donors a node may be cloned from: its peers, by name and port. */
const cloneDonors = (instance: InstanceName): Group => ({
  clone_valid_donor_list: nodeNames
    .filter((name) => name !== instance)
    .map((name) => `${nodeAddress(name)}:${ports.mysql}`)
    .join(","),
});

const settings = (group: Group, apply: Apply, prefix = ""): readonly Setting[] =>
  Object.entries(group).map(([key, value]) => ({ key: `${prefix}${key}`, value: `${value}`, apply }));

/** Pure. The lines of one instance's file. */
function settingsOf(spec: MysqlSpec, instance: InstanceName): readonly Setting[] {
  const own: readonly Setting[] = [
    ...settings(identity(instance), "restart"),
    ...settings(role, "restart"),
    ...settings(replication(spec), "restart"),
    ...settings(loose(instance), "restart", "loose_"),
    ...settings(server, "restart"),
    ...settings(memory(spec), "restart"),
    ...settings(performanceSchema(spec), "restart"),
    ...settings(live(spec), "live"),
    ...settings({ ...semiSync(spec), ...cloneDonors(instance) }, "live", "loose_"),
  ];
  const further = Object.entries(spec.settings).map(
    ([key, value]): Setting => ({
      key,
      value: typeof value === "boolean" ? (value ? on : off) : `${value}`,
      apply: "restart",
    }),
  );
  return [...own, ...further];
}

/** Pure. The whole file of one instance. */
export const configuration = (spec: MysqlSpec, instance: InstanceName): ConfigFile => ({
  format: "ini",
  path: files.config,
  section: "mysqld",
  settings: settingsOf(spec, instance),
});

/** The variable that a setting is about: options carry the prefix, variables do not. */
export const variableOf = (key: string): string => key.replace(/^loose_/, "");

/** One spec is asked about again and again, at every observation. */
const liveBySpec = new WeakMap<MysqlSpec, Map<InstanceName, ReadonlyMap<string, string>>>();

/** Pure. Variables that the agent holds a running server to, by name. */
export function liveVariables(spec: MysqlSpec, instance: InstanceName): ReadonlyMap<string, string> {
  const known = liveBySpec.get(spec) ?? new Map<InstanceName, ReadonlyMap<string, string>>();
  liveBySpec.set(spec, known);
  const found = known.get(instance);
  if (found !== undefined) return found;
  const made = new Map(
    settingsOf(spec, instance)
      .filter((s) => s.apply === "live")
      .map((s) => [variableOf(s.key), s.value]),
  );
  known.set(instance, made);
  return made;
}

/** Variables that mallstack sets itself; a spec that names one is refused. */
export const ownedVariables = (spec: MysqlSpec): ReadonlySet<string> =>
  new Set([
    ...settingsOf({ ...spec, settings: {} }, nodeNames[0]).map((s) => variableOf(s.key)),
    "rpl_semi_sync_source_enabled",
    "skip_replica_start",
    "offline_mode",
  ]);

/** Whether a variable's printed value is the planned one: numbers by value (`1` and `1.000000`), names by letters. */
export function sameValue(read: string, planned: string): boolean {
  const numeric = /^-?[0-9]+(\.[0-9]+)?$/;
  if (numeric.test(read) && numeric.test(planned)) return Number(read) === Number(planned);
  return read.toLowerCase() === planned.toLowerCase();
}
