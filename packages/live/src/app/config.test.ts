import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

const least = {
  mysql: { host: "mysql-primary", port: 3306, serverName: "mysql-primary", database: "live", user: "live" },
  publicUrl: "https://live.example.com/",
  pushUrl: "rtmp://live.example.com:1935/live",
};

test("the least that is said, with what is usual", () => {
  expect(parseConfig(least)).toEqual({
    mysql: { ...least.mysql, connections: 8 },
    publicUrl: "https://live.example.com",
    pushUrl: least.pushUrl,
    playTtlSeconds: 3_600,
    lostAfterMs: 5_000,
    tokens: { issuer: "mall", audience: "live" },
    listen: { host: "0.0.0.0", port: 8443 },
  });
});

test.each([
  [{ ...least, publicUrl: "http://live.example.com" }, "publicUrl"],
  [{ ...least, pushUrlTls: "rtmp://live.example.com/live" }, "pushUrlTls"],
  [{ ...least, mysql: { ...least.mysql, database: "live; DROP" } }, "mysql.database"],
  [{ ...least, playTtlSeconds: 5 }, "playTtlSeconds"],
  [{ ...least, further: 1 }, "further"],
])("what is wrong is named: %#", (json, place) => {
  expect(() => parseConfig(json)).toThrow(place);
});
