/** Accounts that mall.yaml adds: every service that has them shows each to `mall connect`, after the application's. */
import { expect, test } from "vitest";
import { loadMall } from "../spec/load.ts";
import { mallSchema, thisHost } from "./mall-schema.ts";
import { planMall, servicesOf } from "./plan-mall.ts";

const content = `services:
  mysql:
    accounts: {report: {databases: [report]}}
  redis:
    accounts: {report: {prefixes: ["report:"]}}
  kafka:
    topics: {sales: {}}
    accounts: {report: {reads: [sales]}}
  elasticsearch:
    applications: {app: {indices: ["products*"]}, report: {indices: ["report-*"]}}
  minio:
    accounts: {report: {reads: [products]}}
  live:
    enabled: false
`;
const { mall } = loadMall(content, "mall.yaml", mallSchema(), thisHost());
const plan = planMall(mall);
const net = {
  address: (instance: string) => ({ host: "127.0.0.1", port: 1, serverName: instance }),
  route: () => ({ host: "127.0.0.1", port: 2, serverName: "" }),
  resolve: async () => [],
};
const connections = servicesOf(mall).flatMap((service) =>
  plan.services
    .filter((own) => own.service === service.name)
    .flatMap((own) => service.connect?.(own, net, undefined) ?? []),
);

test.each([
  ["mysql-report", "report", "mysql.report"],
  ["redis-report", "report", "redis.report"],
  ["kafka-report", "report", "kafka.report"],
  ["elasticsearch-report", "report", "elasticsearch.report"],
  ["minio-report", "report-5e884898", "minio.report"],
])("%s", (title, user, password) => {
  const found = connections.find((one) => one.title === title);
  expect(found?.password).toBe(password);
  expect(typeof found?.user === "function" ? found.user("password") : found?.user).toBe(user);
  const made = plan.services.flatMap(({ credentials }) => credentials.map(({ id }) => id));
  expect(made).toContain(password);
});

test("the application's stay under the names of their services, and nobody else's account is shown", () => {
  const others = connections.filter(({ title }) => !title.endsWith("-report"));
  expect(others.map(({ title, password }) => [title, password])).toEqual([
    ["mysql-primary", "mysql.app"],
    ["mysql-replicas", "mysql.reader"],
    ["redis", "redis.default"],
    ["kafka", "kafka.app"],
    ["elasticsearch", "elasticsearch.app"],
    ["minio", "minio.app"],
  ]);
});
