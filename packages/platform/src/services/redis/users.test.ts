import { expect, test } from "vitest";
import { redisSpec } from "./spec.ts";
import { parseListedUser, type RedisUser, rulesOf, userDifference, usersOf } from "./users.ts";

const users = usersOf(redisSpec.parse({ accounts: { live: { prefixes: ["live:", "seen:"] } } }));

const hash = "a".repeat(64);
const other = "b".repeat(64);
const named = (name: string): RedisUser => {
  const user = users.find((u) => u.name === name);
  if (user === undefined) throw new Error(name);
  return user;
};
const listed = (line: string) => parseListedUser(line);

/** As Redis 6.0.16 wrote each back after it was set with our rules: the order is its own. */
const written = new Map([
  [
    "default",
    `user default on #${hash} ~* +@all -@admin +cluster|slots +cluster|nodes +cluster|info +cluster|keyslot +cluster|countkeysinslot -keys -flushall -role -swapdb -migrate -restore -restore-asking +acl|whoami -flushdb +client|setname +client|getname +client|setinfo +client|id +client|reply`,
  ],
  ["replica", `user replica on #${hash} -@all +replconf +psync +ping`],
  [
    "live",
    `user live on #${hash} ~live:* ~seen:* +@all -@admin -@pubsub -swapdb +acl|whoami +client|setname +client|getname +client|setinfo +client|id +client|reply -flushall -restore -flushdb -keys -scan -restore-asking -sort -role -migrate +cluster|slots +cluster|nodes +cluster|info +cluster|keyslot +cluster|countkeysinslot -randomkey`,
  ],
  ["agent", `user agent on #${hash} ~* +@all`],
  [
    "exporter",
    `user exporter on #${hash} -@all +dbsize +cluster|info +cluster|slots +cluster|nodes +slowlog|len +latency|latest +auth +info +hello +ping +client|setname`,
  ],
]);

test.each(users.map((u) => u.name))("%s as the server writes it back is as planned", (name) => {
  expect(userDifference(named(name), [hash], listed(written.get(name) ?? ""))).toBeUndefined();
});

test("what differs is said, and a secret is in none of it", () => {
  const agent = named("agent");
  const differ = (line: string, hashes = [hash]) => userDifference(agent, hashes, listed(line));
  expect(differ("")).toBe("absent");
  expect(differ(`user agent off #${hash} ~* +@all`)).toBe("switched off");
  expect(differ(`user agent on nopass ~* +@all`)).toBe("needs no password");
  expect(differ(`user agent on #${other} ~* +@all`)).toBe("has other passwords");
  expect(differ(`user agent on #${hash} #${other} ~* +@all`)).toBe("has other passwords");
  expect(differ(`user agent on #${hash} #${other} ~* +@all`, [other, hash])).toBeUndefined();
  expect(differ(`user agent on #${hash} ~x:* +@all`)).toBe("has other keys");
  expect(differ(`user agent on #${hash} ~* -@all +ping`)).toBe("has other commands");
});

test("other words for the same commands are accepted once they were learnt", () => {
  const words = listed(`user replica on #${hash} -@all +ping +psync +replconf|x`);
  const learnt = ["+ping +psync +replconf|x -@all"];
  expect(userDifference(named("replica"), [hash], words)).toBe("has other commands");
  expect(userDifference(named("replica"), [hash], words, learnt)).toBeUndefined();
});

test("the application cannot administer, nor read or delete across a node", () => {
  const rules = rulesOf(named("default"));
  for (const rule of ["-@admin", "-keys", "-flushall", "-flushdb", "+cluster|slots"])
    expect(rules).toContain(rule);
  expect(rulesOf(named("exporter"))).not.toMatch(/~|config|\+@/);
});

test("an account has keys of its own, and no way to names, keys and channels of others", () => {
  const rules = rulesOf(named("live")).split(" ");
  expect(rules.filter((rule) => rule.startsWith("~"))).toEqual(["~live:*", "~seen:*"]);
  for (const rule of ["-@admin", "-@pubsub", "-scan", "-sort", "-randomkey", "-keys"])
    expect(rules).toContain(rule);
  const accounts = (name: string, prefix = "x:") =>
    redisSpec.safeParse({ accounts: { [name]: { prefixes: [prefix] } } }).success;
  expect(["live", "a-b"].map((name) => accounts(name))).toEqual([true, true]);
  for (const name of ["default", "agent", "replica", "replication", "exporter", "Live", "a b"])
    expect(accounts(name), name).toBe(false);
  for (const prefix of ["", "*", "a*", "a b", "[ab]", "a\nb"])
    expect(accounts("live", prefix), prefix).toBe(false);
  expect(redisSpec.safeParse({ accounts: { live: { prefixes: [] } } }).success).toBe(false);
});
