import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

const least = {
  mysql: { host: "mysql-primary", port: 3306, serverName: "mysql-primary", database: "live", user: "live" },
  publicUrl: "https://live.example.com/",
  pushUrl: "rtmp://live.example.com:1935/live",
};

test("the least that is said, with what is usual", () => {
  expect(parseConfig(least)).toEqual({
    mysql: { ...least.mysql, connections: 12 },
    publicUrl: "https://live.example.com",
    pushUrl: least.pushUrl,
    playTtlSeconds: 3_600,
    lostAfterMs: 5_000,
    tokens: { issuer: "mall", audience: "live" },
    replays: { keepDays: 90 },
    edges: [],
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

test("every part that the platform can name, each with its addresses", () => {
  const at = (host: string) => ({ host, port: 9092, serverName: host });
  const parts = {
    kafka: { brokers: [at("kafka-1")], user: "live", topic: "live.events" },
    redis: { nodes: [at("redis-1")], user: "live", prefix: "live:" },
    elasticsearch: { nodes: [at("elasticsearch-1")], user: "live", index: "live-" },
    minio: { ...at("minio"), bucket: "replays", user: "live" },
    edges: [at("live-edge-1")],
  };
  expect(parseConfig({ ...least, ...parts })).toMatchObject(parts);
  expect(() => parseConfig({ ...least, kafka: { ...parts.kafka, brokers: [] } })).toThrow("kafka.brokers");
});
