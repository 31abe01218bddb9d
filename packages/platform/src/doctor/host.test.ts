import { expect, test } from "vitest";
import {
  parseCgroups,
  parseHugePages,
  parseKernel,
  parseListeners,
  parseMemory,
  parseNumber,
} from "./host.ts";

test("/proc/meminfo", () => {
  const text =
    "MemTotal:       24684084 kB\nMemFree:        14109644 kB\nMemAvailable:   20479212 kB\nSwapTotal:             0 kB\n";
  expect(parseMemory(text)).toEqual({
    totalBytes: 24_684_084 * 1024,
    availableBytes: 20_479_212 * 1024,
    swapBytes: 0,
  });
  expect(parseMemory("")).toBeUndefined();
});

test.each([
  ["always [madvise] never\n", "madvise"],
  ["[always] madvise never\n", "always"],
  ["always madvise [never]\n", "never"],
  ["", undefined],
])("huge pages: %j", (text, expected) => {
  expect(parseHugePages(text)).toBe(expected);
});

test("a file of one number", () => {
  expect(parseNumber("65530\n")).toBe(65_530);
  expect(parseNumber("")).toBeUndefined();
  expect(parseNumber("12 13")).toBeUndefined();
});

const v1 = [
  "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu",
  "34 31 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
  "35 31 0:32 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
  "39 31 0:36 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd",
].join("\n");
const v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";

test("cgroups of both versions", () => {
  expect(parseCgroups(v1, "")).toEqual({ version: "1", controllers: ["cpu", "memory"] });
  expect(parseCgroups(v2, "cpuset cpu io memory pids\n")).toEqual({
    version: "2",
    controllers: ["cpu", "cpuset", "io", "memory", "pids"],
  });
  expect(parseCgroups(`${v1}\n${v2}`, "")).toMatchObject({ version: "hybrid" });
  expect(parseCgroups("23 1 8:1 / / rw - ext4 /dev/vda rw", "")).toBeUndefined();
});

test("/proc/net/tcp: only what listens, with the address in its usual form", () => {
  const head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  const row = (address: string, state: string, inode: string) =>
    `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000 100 0\n`;
  expect(
    parseListeners(
      head +
        row("0100007F:32C8", "0A", "111") +
        row("00000000:1F90", "0A", "112") +
        row("0100007F:32C8", "01", "9"),
    ),
  ).toEqual([
    { port: 13_000, every: false, address: "127.0.0.1", inode: "111" },
    { port: 8080, every: true, address: "0.0.0.0", inode: "112" },
  ]);
  expect(
    parseListeners(
      row("0000000000000000FFFF00000100007F:0050", "0A", "1") +
        row("00000000000000000000000001000000:0051", "0A", "2"),
    ).map((l) => l.address),
  ).toEqual(["127.0.0.1", "0:0:0:0:0:0:0:1"]);
});

test("kernel releases", () => {
  expect(parseKernel("6.18.44-fc-v669")).toEqual([6, 18]);
  expect(parseKernel("strange")).toBeUndefined();
});
