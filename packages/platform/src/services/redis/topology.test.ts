import { expect, test } from "vitest";
import { parseClusterNodes, parseInfo } from "./topology.ts";

const a = "07c37dfeb235213a872192d90877d0cd55635b91";
const b = "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1";

test("a table as Redis 6.0 and 7 write it: roles, failures, slots under way, host names, no address", () => {
  const table =
    parseClusterNodes(`${a} 10.0.0.1:6379@16379 myself,master - 0 1732400000000 3 connected 0-5460 7000 [93-<-${b}]
${b} 10.0.0.2:6379@16379,redis-2 slave,fail? ${a} 1732400000001 1732400000002 3 disconnected
e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca :0@0 master,fail,noaddr - 1732400000001 1732400000002 1 disconnected 5461-10922
`);
  expect(table).toMatchObject([
    {
      id: a,
      host: "10.0.0.1",
      port: 6379,
      self: true,
      role: "master",
      masterId: undefined,
      epoch: 3,
      linked: true,
      slots: [
        { from: 0, to: 5460 },
        { from: 7000, to: 7000 },
      ],
      moving: 1,
      failing: "no",
    },
    { id: b, host: "10.0.0.2", role: "replica", masterId: a, failing: "maybe", linked: false, slots: [] },
    { noAddress: true, failing: "yes", slots: [{ from: 5461, to: 10_922 }], lastAnswerAt: 1_732_400_000_002 },
  ]);
});

test("half a table is refused, never taken for the whole", () => {
  for (const text of [
    `${a} 10.0.0.1:6379@16379 myself`,
    "ERR unknown command",
    `${a} nonsense myself,master - 0 0 0 connected`,
  ]) {
    expect(() => parseClusterNodes(text)).toThrow(RangeError);
  }
});

test("INFO's values may hold colons, its headings are none", () => {
  const info = parseInfo("# Server\r\nredis_version:6.0.16\r\nexecutable:/a:b\r\n\r\n");
  expect([...info]).toEqual([
    ["redis_version", "6.0.16"],
    ["executable", "/a:b"],
  ]);
});
