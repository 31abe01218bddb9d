import { expect, test } from "vitest";
import { mysqlSpec } from "./spec.ts";
import { accounts, databasesOf, grantChanges, onDatabase, parseGrants } from "./users.ts";

const lines = [
  "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `backup`@`%`",
  "GRANT BACKUP_ADMIN ON *.* TO `backup`@`%`",
];

test("SHOW GRANTS is read: static and dynamic privileges of one scope together, USAGE as nothing", () => {
  expect(parseGrants(lines)).toEqual([
    { on: "*.*", privileges: ["BACKUP_ADMIN", "REPLICATION CLIENT", "REPLICATION SLAVE"] },
  ]);
  expect(parseGrants(["GRANT USAGE ON *.* TO `app`@`%`"])).toEqual([]);
  expect(
    parseGrants(["GRANT ALTER, CREATE TEMPORARY TABLES ON `shop\\_a`.* TO `app`@`%` WITH GRANT OPTION"]),
  ).toEqual([{ on: "`shop\\_a`.*", privileges: ["ALTER", "CREATE TEMPORARY TABLES", "GRANT OPTION"] }]);
});

test("all privileges of a database are known one by one, so that what is too much can be taken back", () => {
  const [app] = accounts(mysqlSpec.parse({})).filter((a) => a.user === "app");
  const all = parseGrants(["GRANT ALL PRIVILEGES ON `shop`.* TO `app`@`%`"]);
  expect(grantChanges(all, app?.grants ?? [])).toEqual({
    grant: [],
    revoke: [{ on: "`shop`.*", privileges: ["EVENT"] }],
  });
});

test("only the difference is granted and revoked", () => {
  const changes = grantChanges(
    [
      { on: "*.*", privileges: ["SUPER"] },
      { on: "`shop`.*", privileges: ["DROP", "SELECT"] },
    ],
    [{ on: "`shop`.*", privileges: ["INSERT", "SELECT"] }],
  );
  expect(changes).toEqual({
    grant: [{ on: "`shop`.*", privileges: ["INSERT"] }],
    revoke: [
      { on: "*.*", privileges: ["SUPER"] },
      { on: "`shop`.*", privileges: ["DROP"] },
    ],
  });
});

test("a database's name is no pattern", () => {
  expect(onDatabase("mall_a")).toBe("`mall\\_a`.*");
});

test("no application account reaches beyond its databases, and every account demands TLS", () => {
  const all = accounts(mysqlSpec.parse({ databases: ["shop", "live"] }));
  for (const account of all.filter((a) => a.user === "app" || a.user === "reader")) {
    expect(account.grants.map((g) => g.on)).toEqual(["`shop`.*", "`live`.*"]);
    expect(account.grants.flatMap((g) => g.privileges)).not.toContain("GRANT OPTION");
  }
  for (const account of all) expect(["SSL", "X509"]).toContain(account.require);
});

test("a further application has its own databases and no other's", () => {
  const spec = mysqlSpec.parse({ accounts: { live: { databases: ["live", "live_archive"] } } });
  expect(databasesOf(spec)).toEqual(["shop", "live", "live_archive"]);
  const grants = (user: string) =>
    accounts(spec)
      .find((a) => a.user === user)
      ?.grants.map((g) => g.on);
  expect(grants("live")).toEqual(["`live`.*", "`live\\_archive`.*"]);
  expect(grants("app")).toEqual(["`shop`.*"]);
  expect(grants("reader")).toEqual(["`shop`.*"]);
});

test.each(["root", "agent", "app", "Live", "a-b", "a".repeat(33)])("no account may be called %s", (name) => {
  expect(mysqlSpec.safeParse({ accounts: { [name]: { databases: ["live"] } } }).success).toBe(false);
});
