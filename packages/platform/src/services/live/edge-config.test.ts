import { describe, expect, test } from "vitest";
import { edgeConfiguration } from "./edge-config.ts";
import { refererRules } from "./edge-judging.ts";
import type { EdgeConfig } from "./edge-spec.ts";

const MiB = 2 ** 20;
const edge: EdgeConfig = {
  instance: "live-edge-1",
  origin: {
    name: "live-ingest",
    servers: [
      { host: "live-ingest-1.live-ingest", port: 8080 },
      { host: "live-ingest-2.live-ingest", port: 8080 },
    ],
  },
  app: { name: "live-app", servers: [{ host: "live-app-1.live-app", port: 8443 }] },
  webrtc: { name: "livekit", servers: [{ host: "livekit-1.livekit", port: 7880 }] },
  ports: { https: 8443, status: 9443, probe: 9080 },
  publicPort: 13443,
  referers: [],
  allowEmptyReferer: true,
  trustedProxies: [],
  workers: 2,
  workerConnections: 4096,
  cacheBytes: 128 * MiB,
  viewers: 20_000,
  mediaRate: { perSecond: 200, burst: 400 },
  apiRate: { perSecond: 20, burst: 40 },
};
const configured = (over: Partial<EdgeConfig> = {}): string => edgeConfiguration({ ...edge, ...over });
const lines = (text: string): readonly string[] => text.split("\n").map((line) => line.trim());
/** The block that begins with this line, to its closing brace. */
function block(text: string, first: string): string {
  const all = text.split("\n");
  const start = all.findIndex((line) => line.trim() === first);
  const margin = /^ */.exec(all[start] ?? "")?.[0] ?? "";
  const end = all.indexOf(`${margin}}`, start);
  expect([start, end], first).not.toContain(-1);
  return all.slice(start, end + 1).join("\n");
}

test("one page of nginx's language, the same for the same edge, with every brace closed", async () => {
  const text = configured();
  await expect(text).toMatchFileSnapshot("golden/live-edge-nginx.conf");
  expect(configured()).toBe(text);
  expect(text.match(/[{]$|[{] /gm)?.length).toBe(text.match(/[}]$/gm)?.length);
  expect(text).not.toMatch(/undefined|NaN|\[object/);
});

test("origins are asked with the mall's certificate and verified; the application without one", () => {
  const text = configured();
  for (const location of ['location ~ "^/live/[^~].*\\.m3u8$" {', 'location ~ "^/live/[^~].*\\.ts$" {']) {
    const found = block(text, location);
    expect(found).toContain("proxy_ssl_certificate /secrets/live-edge-1/current/tls.crt;");
    expect(found).toContain("proxy_ssl_name live-ingest;");
    expect(found).toContain("js_access edge.access;");
  }
  for (const ending of ["m3u8", "(?:ts|jpg)"]) {
    const found = block(text, `location ~ "^/live/[^/~]+/replay/.*\\.${ending}$" {`);
    expect(found).toContain("proxy_ssl_certificate /secrets/live-edge-1/current/tls.crt;");
    expect(found).toContain("proxy_pass https://live_recorded/internal$uri;");
    expect(found).toContain("proxy_ssl_name live-app;");
    expect(found).toContain("js_access edge.access;");
    // nginx takes the first expression that fits.
    expect(text.indexOf('location ~ "^/live/[^/~]+/replay/')).toBeLessThan(
      text.indexOf('location ~ "^/live/[^~].*'),
    );
  }
  const api = block(text, "location /v1/ {");
  expect(api).toContain("proxy_ssl_name live-app;");
  expect(api).not.toContain("proxy_ssl_certificate ");
  expect(text.match(/proxy_pass https:/g)).toHaveLength(11);
  expect(text.match(/proxy_pass /g)).toHaveLength(11);
  expect(text.match(/proxy_ssl_verify on;/g)).toHaveLength(1);
});

test("of LiveKit browsers reach the signalling alone, and nothing in a mall without it", () => {
  const signalling = lines(block(configured(), "location ~ ^/rtc(?:/|$) {"));
  expect(signalling).toContain("proxy_ssl_name livekit;");
  expect(signalling).toContain("proxy_set_header Upgrade $http_upgrade;");
  expect(signalling).toContain("limit_req zone=api burst=40 nodelay;");
  expect(signalling.join()).not.toContain("proxy_ssl_certificate ");
  expect(configured()).not.toMatch(/twirp|whip/);
  const { webrtc: _, ...without } = edge;
  expect(edgeConfiguration(without)).not.toMatch(/rtc|livekit/);
});

test("addresses follow their names, completed and resolved by what the entrypoint finds", () => {
  expect(lines(block(configured(), "upstream live_origin {"))).toEqual([
    "upstream live_origin {",
    "zone live_origin 256k;",
    "server live-ingest-1.live-ingest@SEARCH@:8080 resolve max_fails=1 fail_timeout=5s;",
    "server live-ingest-2.live-ingest@SEARCH@:8080 resolve max_fails=1 fail_timeout=5s;",
    "keepalive 32;",
    "}",
  ]);
  expect(lines(configured())).toContain("resolver @RESOLVER@ valid=2s ipv6=off;");
});

test("rules for Referers, limits and proxies in front are what the edge was given", () => {
  const strict = lines(
    configured({
      referers: ["shop.example", "*.partner.example"],
      allowEmptyReferer: false,
      trustedProxies: ["10.0.0.0/8", "2001:db8::1"],
    }),
  );
  expect(strict).toContain("set_real_ip_from 10.0.0.0/8;");
  expect(strict).toContain("set_real_ip_from 2001:db8::1;");
  const open = lines(configured({ mediaRate: { perSecond: 0, burst: 0 } }));
  expect(new Set(open.filter((line) => line.startsWith("limit_req ")))).toEqual(
    new Set(["limit_req zone=api burst=40 nodelay;"]),
  );
  expect(open.filter((line) => line.startsWith("limit_req_zone"))).toHaveLength(1);
  expect(lines(configured()).join()).not.toContain("set_real_ip_from");
});

describe("pages that may play", () => {
  /** As nginx reads a map: the first expression that fits, else the default. */
  const judged = (rules: ReturnType<typeof refererRules>, host: string, referer: string): number => {
    for (const [rule, foreign] of rules) {
      const [, tilde, expression = ""] = /^"(~\*?)(.*)"$/.exec(rule) ?? [];
      if (tilde === undefined || new RegExp(expression, tilde === "~*" ? "i" : "").test(`${host} ${referer}`))
        return foreign;
    }
    return Number.NaN;
  };
  const rules = refererRules(["shop.example", "*.cdn.example"], true);

  test.each([
    ["", 0],
    ["https://shop.example", 0],
    ["http://SHOP.example:8080/path?x#y", 0],
    ["https://a.b.cdn.example/", 0],
    ["https://cdn.example/", 1],
    ["https://shopxexample/", 1],
    ["https://evilcdn.example/", 1],
    ["https://shop.example.evil/", 1],
    ["https://shop.example@evil/", 1],
    ["https://a.cdn.example@evil/", 1],
    ["https://evil/?https://shop.example/", 1],
    ["https://evil/ https://shop.example/", 1],
    ["https://shop.example:port/", 1],
    ["//shop.example/", 1],
    ["shop.example", 1],
    ["nonsense", 1],
    ["file:///shop.example", 1],
    ["https://asked.example/watch", 0],
    ["https://ASKED.example:8443/watch", 0],
    ["https://asked.example.evil/", 1],
  ])("%s: %d", (referer, foreign) => {
    expect(judged(rules, "asked.example", referer)).toBe(foreign);
  });

  test("* lets every page in, even an unreadable one; none without a Referer only where that is asked for", () => {
    expect(judged(refererRules(["*"], false), "h", "blob:x")).toBe(0);
    expect(judged(refererRules(["shop.example"], false), "h", "")).toBe(1);
    expect(judged(refererRules([], true), "h", "")).toBe(0);
    expect(judged(refererRules([], true), "[::1]", "https://[::1]:8443/")).toBe(0);
  });
});

test("what nginx would read otherwise is refused", () => {
  for (const word of ["a; b", 'a"', "$host", "**", "a.*", "A.example", "*.", "-a", ""]) {
    expect(() => configured({ referers: [word] }), word).toThrow("cannot hold");
  }
  expect(() => configured({ trustedProxies: ["10.0.0.0/8; allow all"] })).toThrow("cannot hold");
  expect(() => configured({ instance: "a/../b" })).toThrow("cannot hold");
  expect(() => configured({ origin: { name: "x", servers: [{ host: "a b", port: 1 }] } })).toThrow(
    "cannot hold",
  );
});

test("neither the log nor a header repeats a signature", () => {
  const text = configured();
  const format = text.slice(text.indexOf("log_format"), text.indexOf("access_log /dev/stdout"));
  expect(format).toContain('"uri":"$live_logged"');
  expect(format).not.toMatch(
    /\$(uri|request_uri|request|args|live_digest|query_string|http_referer|is_args|arg_\w+)\b/,
  );
});
