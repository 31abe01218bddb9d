/** The agent's ports to the mall: the network inside it, and its own secrets folder. */
import { lookup } from "node:dns/promises";
import { readlinkSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import type { InstanceName, MallPlan } from "../plan/model.ts";
import {
  credentialsFolder,
  fingerprintsFile,
  instanceAddress,
  instancesOf,
  previousSuffix,
  routeAddress,
} from "../plan/names.ts";
import type { Net, SecretReader } from "../services/service.ts";
import { agentError } from "./errors.ts";
import { sleep } from "./sleep.ts";

/** A name that does not resolve within this time is taken for one that resolves to nothing. */
const resolveTimeoutMs = 3_000;

/** Addresses as they are inside of the mall: names of the network, the servers' own ports. */
export function networkInside(plan: MallPlan): Net {
  const located = new Map(instancesOf(plan).map((l) => [l.instance.name, l]));
  return {
    address(instance, portName) {
      const at = located.get(instance);
      const port = at?.workload.ports.find((p) => p.name === portName);
      if (at === undefined || port === undefined)
        throw agentError.AGENT_PORT_UNKNOWN({ instance, port: portName });
      const host = instanceAddress(at.workload.name, instance);
      return { host, port: port.number, serverName: host };
    },
    route(route) {
      const host = routeAddress(route.name);
      return { host, port: route.port, serverName: host };
    },
    async resolve(instance: InstanceName) {
      const workload = located.get(instance)?.workload.name;
      if (workload === undefined) throw agentError.AGENT_PORT_UNKNOWN({ instance, port: "*" });
      const host = instanceAddress(workload, instance);
      const found = await Promise.race([lookup(host, { all: true }), sleep(resolveTimeoutMs)]);
      if (found === undefined) throw new Error(`${host} did not resolve within ${resolveTimeoutMs} ms`);
      return found.map((a) => a.address);
    },
  };
}

interface Generation {
  readonly folder: string;
  /** What was read of it, absent files as well: a generation is whole before `current` leads to it, and never changes. */
  readonly files?: Map<string, Promise<string | undefined>>;
}

/**
 * Follows `current` anew at each call, so that what is read together comes from one generation; when that one was
 * replaced meanwhile, it is read once more from the new one.
 */
export function secretFolder(current: string): SecretReader {
  let last: Generation | undefined;

  /** Without Node's threads, whose turn takes longer than these calls, and longer than many a question needs in all. */
  function generation(): Generation {
    try {
      readlinkSync(current);
      const folder = realpathSync.native(current);
      if (folder !== last?.folder) last = { folder, files: new Map() };
      return last;
    } catch {
      // No link: files may change in their place.
      return { folder: current };
    }
  }

  function read({ folder, files }: Generation, name: string): Promise<string | undefined> {
    const known = files?.get(name);
    if (known !== undefined) return known;
    const reading = readFile(join(folder, name), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      files?.delete(name);
      throw error;
    });
    files?.set(name, reading);
    return reading;
  }

  async function inOneGeneration<T>(
    work: (file: (name: string) => Promise<string | undefined>) => Promise<T>,
  ): Promise<T> {
    const from = generation();
    const outcome = await work((name) => read(from, name)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const now = generation();
    if (now.folder !== from.folder) return work((name) => read(now, name));
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  const optional = (name: string): Promise<string | undefined> => inOneGeneration((file) => file(name));

  return {
    async value(id) {
      const value = await optional(join(credentialsFolder, id));
      if (value === undefined) throw agentError.AGENT_SECRET_ABSENT({ id, path: current });
      return value;
    },
    previous: (id) => optional(join(credentialsFolder, `${id}${previousSuffix}`)),
    identity: () =>
      inOneGeneration(async (file) => {
        const [ca, cert, key] = await Promise.all(
          ["ca.crt", "tls.crt", "tls.key"].map(async (name) => {
            const content = await file(name);
            if (content === undefined) throw new Error(`no ${name}`);
            return content;
          }),
        );
        return { ca: ca ?? "", cert: cert ?? "", key: key ?? "" };
      }).catch((error: unknown) => {
        throw agentError.AGENT_SECRET_ABSENT({ id: "tls", path: `${current}: ${messageOf(error)}` }, error);
      }),
    async fingerprint(instance) {
      const content = await optional(fingerprintsFile);
      if (content === undefined) return undefined;
      const all: unknown = JSON.parse(content);
      if (typeof all !== "object" || all === null) return undefined;
      const found: unknown = Object.entries(all).find(([name]) => name === instance)?.[1];
      return typeof found === "string" ? found : undefined;
    },
  };
}
