import { describe, expect, test } from "vitest";
import { MallError } from "../errors.ts";
import type { Mall } from "../spec/mall.ts";
import type { Site } from "../spec/site.ts";
import { text } from "../text.ts";
import { checkRules } from "./check.ts";
import { refuseIfStopped } from "./errors.ts";
import type { Finding } from "./finding.ts";
import type { RuledService } from "./site.ts";

const same = (s: string) => text(s, s);
const finding = (id: string, severity: Finding["severity"], acceptable = true): Finding => ({
  id,
  severity,
  path: "services.store.memory",
  reason: same("because"),
  fix: same("do so"),
  source: "manual",
  acceptable,
});

const service = (
  name: string,
  findings: readonly Finding[] = [],
  needs: readonly string[] = [],
): RuledService => ({
  name,
  title: same(name.toUpperCase()),
  needs,
  images: [name],
  ruleIds: findings.map((f) => f.id),
  rules: () => findings,
});

const mallOf = (site: Partial<Site>, present: readonly string[]): Mall => ({
  site: {
    name: "m",
    profile: "small",
    bind: "127.0.0.1",
    portBase: 13000,
    accept: [],
    images: {},
    mirrors: {},
    ...site,
  },
  services: Object.fromEntries(present.map((n) => [n, {}])),
});

const ids = (mall: Mall, all: readonly RuledService[]) => checkRules(mall, all).map((f) => f.id);
const store = service("store");
const queue = service("queue", [], ["store"]);

test("a mall as it should be has nothing against it", () => {
  expect(checkRules(mallOf({}, ["store", "queue"]), [store, queue])).toEqual([]);
});

describe("the site's own rules", () => {
  test.each(["127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1"])("%s is loopback", (bind) => {
    expect(ids(mallOf({ bind }, ["store"]), [store])).toEqual([]);
  });

  test.each(["0.0.0.0", "::", "192.168.1.5", "fe80::1", "10.0.0.1"])(
    "%s is not, and says what it opens",
    (bind) => {
      const [found] = checkRules(mallOf({ bind }, ["store"]), [store, queue]);
      expect(found).toMatchObject({ id: "SITE-EXPOSED", severity: "warning", stops: false });
      expect(found?.reason.en).toContain("STORE");
      expect(found?.reason.en).not.toContain("QUEUE");
    },
  );

  test("what a service needs must be there, and no word of the spec helps", () => {
    const [found] = checkRules(mallOf({ accept: ["SITE-NEEDS"] }, ["queue"]), [store, queue]);
    expect(found).toMatchObject({
      id: "SITE-NEEDS",
      path: "services.store.enabled",
      stops: true,
      accepted: false,
    });
    expect(ids(mallOf({}, ["store"]), [store, queue])).toEqual([]);
  });

  test("nothing at all is nothing to run", () => {
    expect(ids(mallOf({}, []), [store])).toEqual(["SITE-EMPTY"]);
  });

  test("a replaced image counts as untested; one of no version may change under us; one of no service is an error", () => {
    const of = (images: Record<string, string>) => ids(mallOf({ images }, ["store"]), [store]);
    expect(of({ store: "registry:5000/store:8.4" })).toEqual(["IMG-UNTESTED"]);
    expect(of({ store: "store@sha256:abc" })).toEqual(["IMG-UNTESTED"]);
    expect(of({ store: "registry:5000/store" })).toEqual(["IMG-UNTESTED", "IMG-FLOATING"]);
    expect(of({ store: "store:latest" })).toEqual(["IMG-UNTESTED", "IMG-FLOATING"]);
    const [unknown] = checkRules(mallOf({ images: { stroe: "x:1" } }, ["store"]), [store]);
    expect(unknown).toMatchObject({ id: "IMG-UNKNOWN", stops: true, fix: { en: "did you mean 'store'?" } });
  });

  test("a mirror without encryption, but for apt, whose packages are signed", () => {
    const mirrors = { apt: "http://a.example/debian", npm: "http://n.example", go: "https://g.example" };
    expect(checkRules(mallOf({ mirrors }, ["store"]), [store]).map((f) => [f.id, f.path])).toEqual([
      ["SITE-MIRROR-PLAIN", "mirrors.npm"],
    ]);
  });
});

describe("accept", () => {
  const risky = service("store", [finding("ST-RISK", "error"), finding("ST-NOTE", "info")]);

  test("an accepted finding stays visible and stops nothing", () => {
    const found = checkRules(mallOf({ accept: ["ST-RISK"] }, ["store"]), [risky]);
    expect(found.map((f) => [f.id, f.accepted, f.stops])).toEqual([
      ["ST-RISK", true, false],
      ["ST-NOTE", false, false],
    ]);
    expect(() => refuseIfStopped(found)).not.toThrow();
  });

  test("without it an error stops, and says how to take the risk", () => {
    const found = checkRules(mallOf({}, ["store"]), [risky]);
    expect(found[0]).toMatchObject({ id: "ST-RISK", accepted: false, stops: true });
    const refused = (() => {
      try {
        refuseIfStopped(found);
      } catch (error) {
        return error;
      }
    })();
    if (!(refused instanceof MallError)) throw new Error("it was not refused");
    expect(refused.code).toBe("SPEC_REFUSED");
    expect(refused.describe("en")).toBe(
      "[rules] SPEC_REFUSED: the mall as described would not work or would put data at risk:\n" +
        "  ST-RISK (services.store.memory): because\n    → do so\n" +
        "  Mend it in mall.yaml, or take the risk knowingly: accept: [ST-RISK]",
    );
  });

  test("what cannot work is not accepted, and the vain word is said", () => {
    const hopeless = service("store", [finding("ST-NEVER", "error", false)]);
    const found = checkRules(mallOf({ accept: ["ST-NEVER"] }, ["store"]), [hopeless]);
    expect(found.map((f) => [f.id, f.stops])).toEqual([
      ["ST-NEVER", true],
      ["SITE-ACCEPT-VAIN", false],
    ]);
    expect(() => refuseIfStopped(found)).toThrow(/SPEC_REFUSED/);
  });

  test("an id that there is none of gets the nearest", () => {
    const found = checkRules(mallOf({ accept: ["ST-RIKS", "XX"] }, ["store"]), [risky]);
    const unknown = found.filter((f) => f.id === "SITE-ACCEPT-UNKNOWN");
    expect(unknown.map((f) => [f.path, f.fix.en])).toEqual([
      ["accept[0]", "did you mean ST-RISK?"],
      ["accept[1]", "docs/rules.md lists all of them"],
    ]);
    // A known one that found nothing is no mistake: the same document serves several machines.
    expect(ids(mallOf({ accept: ["SITE-EXPOSED"] }, ["store"]), [store])).toEqual([]);
  });
});

describe("memory", () => {
  const at = (planned: number, memory: number) =>
    checkRules(mallOf({}, ["store"]), [store], {
      memoryBytes: memory * 2 ** 30,
      plannedBytes: planned * 2 ** 30,
    }).map((f) => [f.id, f.stops]);

  test.each<[number, number, readonly (readonly [string, boolean])[]]>([
    [3, 8, []],
    [7, 8, []],
    [7.5, 8, [["MEM-TIGHT", false]]],
    [8, 8, [["MEM-TIGHT", false]]],
    [8.5, 8, [["MEM-FIT", true]]],
  ])("%d GiB on a machine of %d GiB", (planned, memory, expected) => {
    expect(at(planned, memory)).toEqual(expected);
  });
});
