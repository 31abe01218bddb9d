/** What `images/<name>/image.json` says of an image. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import { isErrno } from "../../state.ts";
import type { Suite } from "../base-image.ts";
import { imageError } from "./errors.ts";
import { isRange } from "./version.ts";

const range = z.string().refine(isRange, 'not a version range such as ">=9.7 <9.8"');

const schema = z.strictObject({
  title: z.string(),
  /** SPDX expression of the software that the image is about; packages.json inside lists all. */
  licence: z.string(),
  /** Debian suite that its packages come from. */
  suite: z.enum(["sid", "trixie", "bookworm", "bullseye"] satisfies readonly Suite[]),
  /** Holds data: never rebuilt implicitly. */
  stateful: z.boolean(),
  /** Versions that the configuration is made for. */
  supported: range,
  /** Versions that an image named in mall.yaml may have. */
  override: range,
  /** About how long one build takes on two quiet cores; the longest begin first. */
  buildSeconds: z.number().positive().default(30),
  /** Files outside of `images/` that go in, relative to the clone. */
  inputs: z.array(z.string()),
});

export interface ImageDefinition extends Readonly<z.output<typeof schema>> {
  readonly name: string;
}

/** Folder of files that every image is made with; no image itself. */
export const commonFolder = "common";

/** Names of all images of a clone, sorted. */
export async function imageNames(root: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, "images"), { withFileTypes: true });
  return entries
    .filter((e) => e.isDirectory() && e.name !== commonFolder)
    .map((e) => e.name)
    .sort();
}

/** @throws IMAGE_UNKNOWN, IMAGE_DEFINITION_WRONG */
export async function readDefinition(root: string, name: string): Promise<ImageDefinition> {
  const path = join(root, "images", name, "image.json");
  let source: string;
  try {
    source = await readFile(path, "utf8");
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    throw imageError.IMAGE_UNKNOWN({ image: name, known: (await imageNames(root)).join(", ") });
  }
  try {
    return { name, ...schema.parse(JSON.parse(source)) };
  } catch (error) {
    throw imageError.IMAGE_DEFINITION_WRONG({ path, cause: messageOf(error) }, error);
  }
}
