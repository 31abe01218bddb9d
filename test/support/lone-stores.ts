/** One node each of Redis Cluster and Elasticsearch, by the images alone, with the account of live streaming. */

import { elasticsearchSpec } from "../../packages/platform/src/services/elasticsearch/spec.ts";
import { rolesOf as searchRoles } from "../../packages/platform/src/services/elasticsearch/users.ts";
import { rulesOf, usersOf } from "../../packages/platform/src/services/redis/users.ts";
import { secrets } from "./live-app.ts";
import type { Bench, Container } from "./standalone.ts";

const redisConfig = `port 0
tls-port 6379
tls-cert-file /secrets/redis/current/tls.crt
tls-key-file /secrets/redis/current/tls.key
tls-ca-cert-file /secrets/redis/current/ca.crt
tls-auth-clients optional
tls-replication yes
tls-cluster yes
cluster-enabled yes
cluster-config-file nodes.conf
dir /data
`;

/** All slots on one node. @returns once it takes commands */
export async function loneRedis(bench: Bench, image: string): Promise<Container> {
  const all = usersOf({ accounts: { live: { prefixes: ["live:"] } } });
  const users = all.map((user) => `${user.name} ${user.password} ${rulesOf(user)}\n`);
  const passwords = Object.fromEntries(
    all.map(({ password }) => [`${password}.password`, `Secret1${password}`]),
  );
  const redis = await bench.run("redis", {
    image,
    uid: 10002,
    config: { "redis.conf": redisConfig, users: users.join("") },
    secrets: { ...passwords, "live.password": secrets["redis.password"] },
  });
  await redis.untilHealthy();
  const slots = Array.from({ length: 16_384 }, (_, slot) => String(slot));
  const added = await redis.exec("mall-shell", "CLUSTER", "ADDSLOTS", ...slots);
  if (!added.stdout.includes("OK")) throw new Error(`${added.stdout} ${added.stderr}`);
  return redis;
}

const searchSettings = `cluster.name: bench
node.name: elasticsearch
path.data: /data
path.logs: /tmp
network.bind_host: 0.0.0.0
network.publish_host: elasticsearch
discovery.seed_hosts: ["elasticsearch:9300"]
xpack.security.enabled: true
xpack.security.authc.realms.file.previous.order: 0
xpack.security.authc.realms.native.users.order: 1
xpack.security.transport.ssl.enabled: true
xpack.security.transport.ssl.client_authentication: required
xpack.security.transport.ssl.verification_mode: full
xpack.security.transport.ssl.key: certs/tls.key
xpack.security.transport.ssl.certificate: certs/tls.crt
xpack.security.transport.ssl.certificate_authorities: certs/ca.crt
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.key: certs/tls.key
xpack.security.http.ssl.certificate: certs/tls.crt
xpack.security.http.ssl.certificate_authorities: certs/ca.crt
`;

/** @returns once the account can log in */
export async function loneElasticsearch(bench: Bench, image: string): Promise<Container> {
  const node = await bench.run("elasticsearch", {
    image,
    uid: 10007,
    config: {
      "elasticsearch.yml": searchSettings,
      "jvm.options": "-Xms256m\n-Xmx256m\n-XX:TieredStopAtLevel=1\n",
      "first-masters": "cluster.initial_master_nodes: [elasticsearch]\n",
      users: "agent agent superuser\n",
    },
    secrets: { "agent.password": "AgentSecret1" },
  });
  await node.untilHealthy(180_000);
  const roles = searchRoles(elasticsearchSpec.parse({ applications: { live: { indices: ["live-*"] } } }));
  const role = roles.find(({ name }) => name.endsWith("live"));
  if (role === undefined) throw new Error("the account has no role");
  const { name, ...rights } = role;
  const put = async (path: string, body: object) => {
    const done = await node.exec("mall-shell", "PUT", path, "-d", JSON.stringify(body));
    if (done.exitCode !== 0 || done.stdout.includes('"error"')) throw new Error(`${path}: ${done.stdout}`);
  };
  await put(`/_security/role/${name}`, rights);
  await put("/_security/user/live", { password: secrets["elasticsearch.password"], roles: [name] });
  return node;
}
