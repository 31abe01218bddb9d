/** What a user may say of the endpoints, `services.endpoints` of mall.yaml. */
import { z } from "zod";
import { bytes, cores, milliseconds } from "../../spec/units.ts";

export const endpointsSpec = z.strictObject({
  memory: bytes().prefault("96Mi").describe("Hard memory limit of the HAProxy container"),
  cpus: cores().default(0.5).describe("Limit in cores"),
  maxConnections: z
    .number()
    .int()
    .min(10)
    .max(100_000)
    .default(1_000)
    .describe("Client connections at once, over all endpoints"),
  connectTimeout: milliseconds()
    .prefault("2s")
    .describe("Time to reach a server before another one is tried"),
  idleTimeout: milliseconds()
    .prefault("9h")
    .describe(
      "Time after which a silent connection is closed; longer than the servers' own, so that they say goodbye first",
    ),
});

export type EndpointsSpec = z.infer<typeof endpointsSpec>;

/**
 * The two processes (master and worker) before any client: 16 MiB resident, measured with HAProxy 3.2.26, and half
 * as much again for what the kernel buffers. A thousand idle sessions added 9 MiB.
 */
export const baseBytes = 24 * 2 ** 20;

/**
 * One proxied connection at its worst: a 16 KiB buffer in each direction and some 1.5 KiB of session and stream
 * (docs.haproxy.org/3.2/management.html, "maxconn": "approximately 33-34 kB per connection").
 */
export const connectionBytes = 34 * 2 ** 10;

export const memoryNeeded = (spec: EndpointsSpec): number =>
  baseBytes + spec.maxConnections * connectionBytes;
