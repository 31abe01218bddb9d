/**
 * The accounts that the agent keeps, with the least they need. Their passwords are credentials of the mall; all of
 * them must come over TLS, and those that only our own programs use must show a certificate of our CA as well.
 */
import { accountNames, metaSchema } from "./names.ts";
import type { MysqlSpec } from "./spec.ts";

export interface Grant {
  /** `*.*` or a quoted schema with `.*`, as SHOW GRANTS prints it. */
  readonly on: string;
  /** Upper case, sorted. */
  readonly privileges: readonly string[];
}

export interface Account {
  readonly user: string;
  readonly secret: string;
  readonly require: "SSL" | "X509";
  /** 0: no limit of its own. */
  readonly maxUserConnections: number;
  readonly grants: readonly Grant[];
}

export const secretOf = (user: string): string => `mysql.${user}`;

/** Every privilege that there is on a database; granted together, the server prints them as ALL PRIVILEGES. */
const databasePrivileges = [
  "ALTER",
  "ALTER ROUTINE",
  "CREATE",
  "CREATE ROUTINE",
  "CREATE TEMPORARY TABLES",
  "CREATE VIEW",
  "DELETE",
  "DROP",
  "EVENT",
  "EXECUTE",
  "INDEX",
  "INSERT",
  "LOCK TABLES",
  "REFERENCES",
  "SELECT",
  "SHOW VIEW",
  "TRIGGER",
  "UPDATE",
] as const;

/** All but EVENT: what runs by itself on a server is the operator's, not an application's. */
const applicationPrivileges = databasePrivileges.filter((privilege) => privilege !== "EVENT");

export const quoted = (identifier: string): string => `\`${identifier.replaceAll("`", "``")}\``;

/** `_` and `%` are wildcards in a database grant: escaped, a grant on `a_b` does not reach `axb`. */
export const onDatabase = (name: string): string => `${quoted(name.replaceAll(/([_%])/g, "\\$1"))}.*`;

/** Pure. Every database that some application has. */
export const databasesOf = (spec: MysqlSpec): readonly string[] => [
  ...new Set([...spec.databases, ...Object.values(spec.accounts).flatMap((one) => one.databases)]),
];

const accountsBySpec = new WeakMap<MysqlSpec, readonly Account[]>();

/** Pure. The accounts of a spec. */
export function accounts(spec: MysqlSpec): readonly Account[] {
  const made = accountsBySpec.get(spec) ?? accountsOf(spec);
  accountsBySpec.set(spec, made);
  return made;
}

function accountsOf(spec: MysqlSpec): readonly Account[] {
  const account = (
    user: string,
    require: Account["require"],
    grants: readonly Grant[],
    maxUserConnections = 0,
  ): Account => ({ user, secret: secretOf(user), require, grants, maxUserConnections });
  const onEach = (databases: readonly string[], privileges: readonly string[]): readonly Grant[] =>
    databases.map((name) => ({ on: onDatabase(name), privileges }));
  return [
    account(accountNames.replication, "X509", [{ on: "*.*", privileges: ["REPLICATION SLAVE"] }]),
    account(accountNames.app, "SSL", onEach(spec.databases, applicationPrivileges)),
    account(accountNames.reader, "SSL", onEach(spec.databases, ["SELECT", "SHOW VIEW"])),
    // mysqld_exporter's own list, without the schemas of the applications.
    account(
      accountNames.exporter,
      "X509",
      [
        { on: "*.*", privileges: ["PROCESS", "REPLICATION CLIENT"] },
        { on: onDatabase("performance_schema"), privileges: ["SELECT"] },
        { on: onDatabase(metaSchema), privileges: ["SELECT"] },
      ],
      5,
    ),
    // BACKUP_ADMIN: a donor of CLONE; REPLICATION SLAVE: reading binary logs for their archive.
    account(accountNames.backup, "X509", [
      { on: "*.*", privileges: ["BACKUP_ADMIN", "REPLICATION CLIENT", "REPLICATION SLAVE"] },
    ]),
    ...Object.entries(spec.accounts).map(([name, { databases }]) =>
      account(name, "SSL", onEach(databases, applicationPrivileges)),
    ),
  ];
}

const grantPattern = /^GRANT (.+) ON (?:TABLE )?(\S+|`(?:[^`]|``)+`\.\*) TO /;

/** Reads SHOW GRANTS. Lines of one scope (static and dynamic privileges) come together; USAGE is nothing. */
export function parseGrants(lines: readonly string[]): readonly Grant[] {
  const byScope = new Map<string, Set<string>>();
  for (const line of lines) {
    const match = grantPattern.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const privileges = byScope.get(match[2]) ?? new Set<string>();
    for (const privilege of match[1].split(",").map((p) => p.trim())) {
      if (privilege === "ALL PRIVILEGES" && match[2] !== "*.*")
        for (const each of databasePrivileges) privileges.add(each);
      else if (privilege !== "USAGE") privileges.add(privilege);
    }
    if (line.includes("WITH GRANT OPTION")) privileges.add("GRANT OPTION");
    byScope.set(match[2], privileges);
  }
  return [...byScope]
    .filter(([, privileges]) => privileges.size > 0)
    .map(([on, privileges]) => ({ on, privileges: [...privileges].sort() }));
}

/** What must be granted and revoked to come from one list to the other, scope by scope. */
export function grantChanges(
  have: readonly Grant[],
  want: readonly Grant[],
): { readonly grant: readonly Grant[]; readonly revoke: readonly Grant[] } {
  const minus = (a: readonly Grant[], b: readonly Grant[]): readonly Grant[] =>
    a
      .map(({ on, privileges }) => {
        const other = new Set(b.filter((g) => g.on === on).flatMap((g) => g.privileges));
        return { on, privileges: privileges.filter((p) => !other.has(p)) };
      })
      .filter((g) => g.privileges.length > 0);
  return { grant: minus(want, have), revoke: minus(have, want) };
}
