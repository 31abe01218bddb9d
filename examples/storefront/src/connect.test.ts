import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";
import { connections, parseConnections, passwordOf } from "./connect.ts";

const mysql = (title: string, port: number) => ({
  title,
  settings: {
    host: "127.0.0.1",
    port,
    user: "app",
    passwordFile: "/s/app",
    caFile: "/s/ca.crt",
    serverName: title,
    database: "mall",
  },
});
const redis = {
  title: "redis",
  settings: {
    user: "app",
    passwordFile: "/s/redis",
    caFile: "/s/ca.crt",
    serverName: "redis",
    natMap: { "10.0.0.4:6379": { host: "127.0.0.1", port: 13601 }, "10.0.0.5:6379": "127.0.0.1:13602" },
  },
};
const login = { user: "app", passwordFile: "/s/p", caFile: "/s/ca.crt" };
const others = [
  { title: "kafka", settings: { ...login, brokers: ["127.0.0.1:13921", "127.0.0.1:13922"] } },
  { title: "elasticsearch", settings: { ...login, nodes: ["https://127.0.0.1:13201"] } },
  {
    title: "minio",
    settings: { ...login, endpoint: "https://127.0.0.1:13900", region: "eu-1", serverName: "minio" },
  },
];
const document = {
  services: [mysql("mysql-primary", 13306), mysql("mysql-replicas", 13307), redis, ...others],
};

test("what `mall connect --json` prints is understood", async () => {
  const found = await connections({ MALL_CONNECT: JSON.stringify(document) });
  expect(found.primary).toEqual(document.services[0]?.settings);
  expect(found.replicas.port).toBe(13307);
  expect(found.redis).toEqual({
    user: "app",
    passwordFile: "/s/redis",
    caFile: "/s/ca.crt",
    serverName: "redis",
    nodes: [
      { host: "127.0.0.1", port: 13601 },
      { host: "127.0.0.1", port: 13602 },
    ],
    natMap: {
      "10.0.0.4:6379": { host: "127.0.0.1", port: 13601 },
      "10.0.0.5:6379": { host: "127.0.0.1", port: 13602 },
    },
  });
});

test("broker, search nodes and the pictures' endpoint are understood", () => {
  const found = parseConnections(JSON.stringify(document), "a file");
  expect(found.kafka).toEqual({ ...login, brokers: ["127.0.0.1:13921", "127.0.0.1:13922"] });
  expect(found.search).toEqual({ ...login, nodes: ["https://127.0.0.1:13201"] });
  expect(found.pictures).toEqual({
    ...login,
    endpoint: "https://127.0.0.1:13900",
    region: "eu-1",
    serverName: "minio",
  });
});

test.each(["kafka", "elasticsearch", "minio"])("a mall without %s is no mall for this shop", (title) => {
  const services = document.services.filter((one) => one.title !== title);
  expect(() => parseConnections(JSON.stringify({ services }), "a file")).toThrow(/CONNECT_UNREADABLE.*entry/);
});

test.each([
  ["no JSON", "{"],
  ["no list", "{}"],
  ["a service is missing", JSON.stringify({ services: document.services.slice(0, 2) })],
  [
    "a database is missing",
    JSON.stringify({
      services: [{ title: "mysql-primary", settings: { host: "h", port: 1 } }, ...document.services.slice(1)],
    }),
  ],
  [
    "a port is missing",
    JSON.stringify({
      services: [{ title: "mysql-primary", settings: { host: "h" } }, ...document.services.slice(1)],
    }),
  ],
])("%s: said, with where it came from", (_, text) => {
  expect(() => parseConnections(text, "a file")).toThrow(/CONNECT_UNREADABLE.*a file/);
});

test("of several databases the first one is the shop's", () => {
  const several = document.services.map(({ title, settings }) => {
    const { database: _, ...rest } = { database: "", ...settings };
    return { title, settings: { ...rest, databases: ["shop", "other"] } };
  });
  expect(parseConnections(JSON.stringify({ services: several }), "a file").primary.database).toBe("shop");
});

test("a file that is not there is said; a password is its file's content", async () => {
  await expect(connections({ MALL_CONNECT: "/nowhere/x.json" })).rejects.toMatchObject({
    code: "CONNECT_UNREADABLE",
  });
  const folder = await mkdtemp(join(tmpdir(), "connect-"));
  await writeFile(join(folder, "pw"), "geheim\n");
  expect(passwordOf({ passwordFile: join(folder, "pw") })).toBe("geheim");
  await rm(folder, { recursive: true });
});

test("a command's numbers have defaults and bounds", () => {
  const day = Date.UTC(2026, 10, 24, 7);
  const given = parseArguments(["run", "--shoppers", "8", "--seconds=5", "--json"], { MALL_HOME: "/m" }, day);
  expect(given).toMatchObject({ command: "run", shoppers: 8, seconds: 5, json: true });
  expect(given.size).toMatchObject({ products: 50_000, merchants: 200, consumers: 20_000, orders: 100_000 });
  expect(given.size.untilMs).toBe(Date.UTC(2026, 10, 24));
  for (const argv of [
    [],
    ["sell"],
    ["run", "load"],
    ["run", "--shoppers", "0"],
    ["run", "--seconds", "1.5"],
    ["run", "--x"],
  ])
    expect(() => parseArguments(argv, {}, day)).toThrow(/ARGUMENT_WRONG/);
});
