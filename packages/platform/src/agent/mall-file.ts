/** The resolved mall as the command line wrote it, and word of each change to it. */
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { messageOf } from "../errors.ts";
import type { Mall } from "../spec/mall.ts";
import { profileNames } from "../spec/site.ts";
import { agentError } from "./errors.ts";
import { sleep } from "./sleep.ts";

/**
 * The outer form only: each service's part was parsed and defaulted by the command line that wrote it, and its
 * schema reads a user's form (`512Mi`), not the parsed one.
 */
const mallForm = z.object({
  site: z.object({
    name: z.string().min(1),
    profile: z.enum(profileNames),
    bind: z.string(),
    portBase: z.number().int(),
    accept: z.array(z.string()),
    images: z.record(z.string(), z.string()),
    mirrors: z.partialRecord(z.enum(["apt", "npm", "maven", "go"]), z.string()),
  }),
  services: z.record(z.string(), z.unknown()),
});

/** @throws AGENT_MALL_UNREADABLE when it is absent, cut or of another form. */
export async function readMall(path: string): Promise<Mall> {
  try {
    const { site, services } = mallForm.parse(JSON.parse(await readFile(path, "utf8")));
    return { site: { ...site, mirrors: site.mirrors as Mall["site"]["mirrors"] }, services };
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw agentError.AGENT_MALL_UNREADABLE({ path, cause }, error);
  }
}

/**
 * Calls `changed` after each change of the file, until aborted. Polled: notifications do not cross a bind mount
 * reliably, and a folder swapped as a whole (Kubernetes' ConfigMap) changes the file's inode and no time stamp of
 * the watched path. One stat a second costs nothing measurable.
 */
export async function watchFile(
  path: string,
  changed: () => Promise<void>,
  signal: AbortSignal,
  intervalMs = 1_000,
): Promise<void> {
  let seen = await mark(path);
  while (!signal.aborted) {
    await sleep(intervalMs, signal);
    if (signal.aborted) return;
    const now = await mark(path);
    if (now === seen) continue;
    seen = now;
    if (now !== undefined) await changed();
  }
}

async function mark(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return undefined;
  }
}
