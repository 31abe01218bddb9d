import { expect, test } from "vitest";
import { fileContent } from "../../plan/config-file.ts";
import type { Site } from "../../spec/site.ts";
import { configuration, liveVariables, ownedVariables, sameValue } from "./config.ts";
import { nodeNames } from "./names.ts";
import { mysqlPlan } from "./plan.ts";
import { mysqlSpec } from "./spec.ts";

const site: Site = {
  name: "mall",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 13000,
  accept: [],
  images: {},
  mirrors: {},
};
const spec = mysqlSpec.parse({ memory: "768Mi" });
const content = (input: object = {}, instance = "mysql-2") =>
  fileContent(configuration(mysqlSpec.parse({ memory: "768Mi", ...input }), instance));

test("same spec, same bytes", () => {
  const again = mysqlSpec.parse({ memory: "768Mi" });
  expect(JSON.stringify(mysqlPlan(again, site))).toBe(JSON.stringify(mysqlPlan(spec, site)));
});

test("three nodes with the plan's ids 1 to 3, each with its own names, file and secrets", () => {
  const [workload] = mysqlPlan(spec, site).workloads;
  expect(workload?.instances.map((i) => i.name)).toEqual(["mysql-1", "mysql-2", "mysql-3"]);
  workload?.instances.forEach((instance, i) => {
    const file = instance.files[0];
    if (file === undefined) throw new Error("no file");
    expect(fileContent(file)).toContain(`\nserver_id = ${i + 1}\n`);
    expect(fileContent(file)).toContain(`report_host = mysql-${i + 1}.mysql\n`);
    const tls = instance.secrets.find((s) => s.file === "tls")?.ref;
    expect(tls).toMatchObject({
      id: `mysql-${i + 1}`,
      dnsNames: [`mysql-${i + 1}.mysql`, `mysql-${i + 1}`, "localhost", "mysql-primary", "mysql-replicas"],
    });
    expect(instance.secrets.map((s) => s.file)).toEqual(["tls", "root.password", "agent.password"]);
  });
});

test("no file opens a server or makes it a semi-sync source; that is the agent's alone", () => {
  for (const input of [{}, { replication: "async" }, { onNoReplica: "async" }]) {
    const text = content(input);
    expect(text).toContain("\nsuper_read_only = ON\n");
    expect(text).toContain("\nread_only = ON\n");
    expect(text).not.toContain("semi_sync_source_enabled");
  }
});

test("durability of an acknowledged write, as the requirements name it", () => {
  for (const line of [
    "sync_binlog = 1",
    "innodb_flush_log_at_trx_commit = 1",
    "gtid_mode = ON",
    "require_secure_transport = ON",
    "relay_log_recovery = OFF",
    "loose_rpl_semi_sync_source_wait_point = AFTER_SYNC",
    "loose_rpl_semi_sync_source_timeout = 4294967295",
  ])
    expect(content()).toContain(`\n${line}\n`);
  expect(content({ onNoReplica: "async" })).toContain("loose_rpl_semi_sync_source_timeout = 2000\n");
  expect(content({ replication: "async" })).toContain("loose_rpl_semi_sync_replica_enabled = OFF\n");
});

test("every key stands once: a second one would silently win", () => {
  const file = configuration(mysqlSpec.parse({ settings: { innodb_io_capacity: 2000 } }), "mysql-1");
  const keys = file.format === "text" ? [] : file.settings.map((s) => s.key.replace(/^loose_/, ""));
  expect(keys.length).toBeGreaterThan(60);
  expect(keys).toContain("innodb_io_capacity");
  expect(new Set(keys).size).toBe(keys.length);
});

test("live variables are those a running server can take; roles are not among them", () => {
  const live = liveVariables(spec, "mysql-1");
  expect(live.get("max_connections")).toMatch(/^[0-9]+$/);
  expect(live.get("clone_valid_donor_list")).toBe("mysql-2.mysql:3306,mysql-3.mysql:3306");
  for (const name of ["read_only", "super_read_only", "server_id"]) expect(live.has(name)).toBe(false);
  expect(ownedVariables(spec).has("super_read_only")).toBe(true);
});

test("values are compared as the server means them", () => {
  expect(sameValue("1.000000", "1")).toBe(true);
  expect(sameValue("ON", "on")).toBe(true);
  expect(sameValue("402653184", "402653185")).toBe(false);
});

test("endpoints select by role on the mall's own ports, and reach every node", () => {
  const { routes } = mysqlPlan(spec, { ...site, portBase: 20000 });
  expect(routes.map((r) => [r.name, r.port, r.hostPort, r.select])).toEqual([
    ["mysql-primary", 3306, 20306, { kind: "role", role: "mysql-primary" }],
    ["mysql-replicas", 3307, 20307, { kind: "role", role: "mysql-replica" }],
  ]);
  for (const r of routes) expect(r.members.map((m) => m.instance)).toEqual(nodeNames);
});

test("no secret's value can be in a plan; passwords are named by id", () => {
  expect(mysqlPlan(spec, site).credentials.map((c) => c.id)).toEqual([
    "mysql.root",
    "mysql.agent",
    "mysql.replication",
    "mysql.app",
    "mysql.reader",
    "mysql.exporter",
    "mysql.backup",
  ]);
});
