import fc from "fast-check";
import { expect, test } from "vitest";
import { committed, perConnectionBytes, sizing } from "./sizing.ts";
import { mysqlProfiles, mysqlSpec } from "./spec.ts";

const MiB = 2 ** 20;
const specs = fc
  .record({
    memory: fc.integer({ min: 512, max: 262_144 }).map((m) => `${m}Mi`),
    cpus: fc.integer({ min: 1, max: 64 }),
    bufferPoolRatio: fc.option(fc.double({ min: 0.5, max: 0.7, noNaN: true }), { nil: undefined }),
  })
  .map(({ bufferPoolRatio, ...input }) =>
    mysqlSpec.parse({ ...input, ...(bufferPoolRatio === undefined ? {} : { bufferPoolRatio }) }),
  );

test("the pool is 50 to 70 % of any memory, a whole number of chunks, and all of it fits the limit", () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const size = sizing(spec);
      expect(size.bufferPoolBytes / spec.memory).toBeGreaterThanOrEqual(0.5);
      expect(size.bufferPoolBytes / spec.memory).toBeLessThanOrEqual(0.7);
      expect(size.bufferPoolBytes % size.bufferPoolChunkBytes).toBe(0);
      if (size.maxConnections > 1) expect(size.committedBytes).toBeLessThanOrEqual(spec.memory);
    }),
  );
});

test("more memory never gives fewer connections at the same ratio", () => {
  fc.assert(
    fc.property(fc.integer({ min: 512, max: 100_000 }), fc.integer({ min: 0, max: 4096 }), (mib, more) => {
      const at = (m: number) => sizing(mysqlSpec.parse({ memory: `${m}Mi`, bufferPoolRatio: 0.6 }));
      // A step of the pool's chunk may take one chunk's worth of connections, no more.
      const step = at(mib).bufferPoolChunkBytes + at(mib + more).bufferPoolChunkBytes;
      expect(at(mib + more).maxConnections).toBeGreaterThanOrEqual(
        at(mib).maxConnections - Math.ceil((step * 1.1) / perConnectionBytes),
      );
    }),
  );
});

test("each profile serves an application, and none uses the server's default of 151 connections", () => {
  const connections = Object.values(mysqlProfiles).map((p) => sizing(mysqlSpec.parse(p)).maxConnections);
  for (const count of connections) {
    expect(count).toBeGreaterThanOrEqual(50);
    expect(count).not.toBe(151);
  }
  expect([...connections].sort((a, b) => a - b)).toEqual(connections);
});

test("a number of connections asked for is taken as it is, and what it costs is said", () => {
  const spec = mysqlSpec.parse({ memory: "768Mi", maxConnections: 500 });
  expect(sizing(spec).maxConnections).toBe(500);
  expect(sizing(spec).committedBytes).toBeGreaterThan(768 * MiB);
  expect(committed(768 * MiB, 384 * MiB, 500) - committed(768 * MiB, 384 * MiB, 499)).toBe(
    perConnectionBytes,
  );
});
