/** What a user may say of the endpoints, `services.endpoints` of mall.yaml. */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";

export const endpointsSpec = z.strictObject({
  memory: described(
    bytes().prefault("96Mi"),
    "Hard memory limit of the HAProxy container",
    "HAProxy 容器的内存硬上限",
  ),
  cpus: described(cores().default(0.5), "Limit in cores", "CPU 核数上限"),
  maxConnections: described(
    z.number().int().min(10).max(100_000).default(1_000),
    "Client connections at once, over all endpoints",
    "所有端点合计的客户端并发连接数",
  ),
  connectTimeout: described(
    milliseconds().prefault("2s"),
    "Time to reach a server before another one is tried",
    "连接一台服务器的时限，超时则改试另一台",
  ),
  idleTimeout: described(
    milliseconds().prefault("9h"),
    "Time after which a silent connection is closed; longer than the servers' own, so that they say goodbye first",
    "连接空闲多久后关闭；应长于服务器自身的时限，使服务器先行断开",
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
