/**
 * The one directory that holds everything mallstack keeps on a machine, and the two ways of writing in it
 * that survive a crash: whole-file replacement, and a lock that dies with its owner (file-lock.ts).
 */
import { randomBytes } from "node:crypto";
import { access, chmod, mkdir, open, readFile, rename, rm, statfs } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type MallError, messageOf } from "./errors.ts";
import { stateError } from "./state-errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `MALL_HOME`, else `$XDG_STATE_HOME/mallstack`, else `~/.local/state/mallstack`; absolute. The XDG base
 * directory specification says that a relative `XDG_STATE_HOME` is to be ignored.
 */
export function stateHome(env: Environment = process.env): string {
  if (env.MALL_HOME) return resolve(env.MALL_HOME);
  const xdg = env.XDG_STATE_HOME;
  if (xdg?.startsWith("/")) return join(xdg, "mallstack");
  return join(env.HOME || homedir(), ".local/state/mallstack");
}

/**
 * Makes a folder and its missing parents, all 0700: they hold keys and passwords.
 * @throws STATE_UNWRITABLE
 */
export async function ensureFolder(path: string): Promise<string> {
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    // The umask can only take bits away; a umask of 0777 would leave a folder nobody can enter.
    if (made !== undefined) await chmod(path, 0o700);
    return path;
  } catch (error) {
    throw await unwritable(path, error);
  }
}

/**
 * Replaces a file as a whole: a reader, or a crash at any moment, sees the old content or the new, never a
 * part. Makes the folder when it is missing.
 * @throws STATE_UNWRITABLE
 */
export async function writeAtomic(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(4).toString("hex")}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(draft, "wx", mode);
    try {
      await file.chmod(mode); // open()'s mode is cut by the umask
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(draft, { force: true });
    throw await unwritable(path, error);
  }
}

/**
 * The error for whatever came of writing at the path. Making a folder and its parents where no space is left ends with
 * ENOENT in Node, which would send the reader to look for a folder.
 */
export async function unwritable(path: string, error: unknown): Promise<MallError> {
  const said = messageOf(error);
  const isFull = !said.includes("ENOSPC") && (await freeBytes(path).catch(() => undefined)) === 0;
  return stateError.STATE_UNWRITABLE(
    { path, cause: isFull ? `ENOSPC: no space left (${said})` : said },
    error,
  );
}

/** Bytes that this user can still write at the path, or at the nearest existing folder above it. */
export async function freeBytes(path: string): Promise<number> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      if (!isErrno(error, "ENOENT") || at === dirname(at)) throw error;
    }
  }
}

/** The name in the folder must be on the disk too, or a power cut brings the old file back. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file's text, or `undefined` when there is none. Any other failure is thrown as it is. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** JSON of a file, or `undefined` when it is absent or not JSON: state that can be made again is not worth failing for. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
