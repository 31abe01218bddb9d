import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  candidates,
  chooseRange,
  formatSubnet,
  overlaps,
  parseRoutes,
  parseSubnet,
  type Subnet,
} from "./subnet.ts";

const subnet = (cidr: string): Subnet => {
  const parsed = parseSubnet(cidr);
  if (parsed === undefined) throw new Error(`not a subnet: ${cidr}`);
  return parsed;
};
const anySubnet = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 32 }))
  .map(([address, bits]): Subnet => ({ base: address - (address % 2 ** (32 - bits)), bits }));

describe("parseSubnet", () => {
  it("reads an address as /32 and clears host bits", () => {
    expect(formatSubnet(subnet("10.1.2.3"))).toBe("10.1.2.3/32");
    expect(formatSubnet(subnet("10.1.2.3/16"))).toBe("10.1.0.0/16");
    expect(formatSubnet(subnet("255.255.255.255/1"))).toBe("128.0.0.0/1");
  });

  it.each(["", "10.1.2", "10.1.2.256", "10.1.2.3/33", "fe80::1", "10.1.2.3/16 x"])("refuses %j", (word) => {
    expect(parseSubnet(word)).toBeUndefined();
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(anySubnet, (s) => {
        expect(parseSubnet(formatSubnet(s))).toEqual(s);
      }),
    );
  });
});

describe("parseRoutes", () => {
  it("reads the kernel's little-endian hexadecimal and leaves the default route out", () => {
    const table = [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
      "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
      "tun0\t0000080A\t00000000\t0001\t0\t0\t0\t0000F8FF\t0\t0\t0",
      "",
    ].join("\n");
    expect(parseRoutes(table).map(formatSubnet)).toEqual(["192.0.2.0/24", "10.8.0.0/13"]);
  });

  it("finds nothing in an empty table", () => {
    expect(parseRoutes("")).toEqual([]);
  });
});

describe("overlaps", () => {
  it("is whether one contains the other", () => {
    expect(overlaps(subnet("10.0.0.0/8"), subnet("10.201.0.0/16"))).toBe(true);
    expect(overlaps(subnet("10.201.7.0/24"), subnet("10.201.0.0/16"))).toBe(true);
    expect(overlaps(subnet("10.202.0.0/16"), subnet("10.201.0.0/16"))).toBe(false);
    expect(overlaps(subnet("128.0.0.0/1"), subnet("127.255.255.255/32"))).toBe(false);
  });

  it("is symmetric", () => {
    fc.assert(
      fc.property(anySubnet, anySubnet, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
      }),
    );
  });
});

describe("chooseRange", () => {
  it("takes the first free one and derives the bridge and the pool of networks", () => {
    expect(chooseRange([])).toEqual({
      range: "10.201.0.0/16",
      bridge: "10.201.0.1/24",
      pool: "10.201.128.0/17",
    });
    expect(chooseRange([subnet("10.201.3.0/24"), subnet("10.202.0.0/15")])?.range).toBe("10.204.0.0/16");
  });

  it("goes to 172.16/12 where a VPN routes all of 10/8, and gives up when that is taken too", () => {
    expect(chooseRange([subnet("10.0.0.0/8")])?.range).toBe("172.31.0.0/16");
    expect(chooseRange([subnet("10.0.0.0/8"), subnet("172.16.0.0/12")])).toBeUndefined();
  });

  it("never touches what is taken, and its parts lie in the range and not in each other", () => {
    fc.assert(
      fc.property(fc.array(anySubnet, { maxLength: 12 }), (taken) => {
        const range = chooseRange(taken);
        if (range === undefined) {
          expect(candidates().every((c) => taken.some((t) => overlaps(c, t)))).toBe(true);
          return;
        }
        for (const each of taken) expect(overlaps(each, subnet(range.range))).toBe(false);
        for (const part of [range.bridge, range.pool])
          expect(overlaps(subnet(part), subnet(range.range))).toBe(true);
        expect(overlaps(subnet(range.bridge), subnet(range.pool))).toBe(false);
      }),
    );
  });
});
