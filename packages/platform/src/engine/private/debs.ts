/** Packages as files: what apt says of one, and whether a file is it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { isErrno } from "../../state.ts";

export interface Deb {
  readonly name: string;
  /** With its epoch: "1:1.35.0-4". */
  readonly version: string;
  /** Name of the file that apt-get writes: the epoch's colon is %3a in it. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Output of `apt-get --print-uris -o Acquire::ForceHash=SHA256 download`: `'URI' FILE SIZE SHA256:HEX`.
 * A line without a SHA-256 is an error: nothing is unpacked that the signed list does not vouch for.
 */
export function parseUris(output: string): Deb[] {
  const debs: Deb[] = [];
  for (const line of output.split("\n")) {
    if (!line.startsWith("'")) continue;
    const match = /^'[^']+' ([A-Za-z0-9.+%~_-]+\.deb) (\d+) SHA256:([0-9a-f]{64})$/.exec(line.trim());
    const [, file, size, sha256] = match ?? [];
    const [name, version] = file?.split("_") ?? [];
    if (!file || !size || !sha256 || !name || !version) {
      throw new Error(`apt-get printed a package without a verifiable hash: ${line}`);
    }
    debs.push({ name, version: decodeURIComponent(version), file, sizeBytes: Number(size), sha256 });
  }
  return debs;
}

/** Whether the file is there and is this package, by size and SHA-256 (about 0.4 s for 90 MB). */
export async function verified(path: string, deb: Deb): Promise<boolean> {
  try {
    const { size } = await stat(path);
    if (size !== deb.sizeBytes) return false;
    return (await sha256Of(path)) === deb.sha256;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest("hex");
}
