/** mall.yaml with the registry's services: where the command line and the agent's tests load a mall from. */
import { access, readFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { messageOf } from "../errors.ts";
import { composeSchema, type MallSchema } from "../spec/compose.ts";
import { specError } from "../spec/errors.ts";
import { type HostSize, type LoadedMall, loadMall } from "../spec/load.ts";
import type { Mall } from "../spec/mall.ts";
import type { ProfileName } from "../spec/site.ts";
import { services } from "./registry.ts";
import type { AnyService } from "./service.ts";

let composed: MallSchema | undefined;

/** Made once: composing and walking it costs milliseconds. */
export function mallSchema(registry: readonly AnyService[] = services): MallSchema {
  if (registry !== services) return composeSchema(registry);
  composed ??= composeSchema(services);
  return composed;
}

export const thisHost = (): HostSize => ({ cores: availableParallelism(), memoryBytes: totalmem() });

export const defaultFile = "mall.yaml";

/**
 * @param file `-f`; undefined: ./mall.yaml if it is there, else the defaults alone
 * @throws SPEC_ABSENT, SPEC_UNREADABLE, SPEC_YAML, SPEC_INVALID
 */
export async function loadMallFile(
  file: string | undefined,
  host: HostSize = thisHost(),
  schema: MallSchema = mallSchema(),
): Promise<LoadedMall> {
  const path = file ?? defaultFile;
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (!there && file !== undefined) throw specError.SPEC_ABSENT({ file });
  const content = there
    ? await readFile(path, "utf8").catch((error: unknown) => {
        throw specError.SPEC_UNREADABLE({ file: path, cause: messageOf(error) }, error);
      })
    : "";
  return loadMall(content, there ? path : "(defaults)", schema, host);
}

/** The mall of an empty mall.yaml in a profile, whatever this machine is. */
export const defaultMall = (options: { readonly profile: ProfileName }): Mall =>
  loadMall(`profile: ${options.profile}\n`, "(defaults)", mallSchema(), thisHost()).mall;
