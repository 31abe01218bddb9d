/** Digest of everything of this clone that an image is made from. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import { isErrno } from "../../state.ts";
import { commonFolder, type ImageDefinition } from "./definition.ts";
import { imageError } from "./errors.ts";

export interface InputFile {
  /** Relative to the clone, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** `packages`, or the reference of the image that takes their place. */
export type ImageSource = string;
export const fromPackages: ImageSource = "packages";

/** @throws IMAGE_INPUT_MISSING */
export async function readInputs(root: string, definition: ImageDefinition): Promise<readonly InputFile[]> {
  const folders = [join("images", definition.name), join("images", commonFolder)];
  const listed = await Promise.all(folders.map((folder) => filesBelow(root, folder)));
  const paths = [...listed.flat(), ...definition.inputs];
  return Promise.all(
    paths.map(async (path) => {
      try {
        return { path, content: await readFile(join(root, path)) };
      } catch (error) {
        if (!isErrno(error, "ENOENT")) throw error;
        throw imageError.IMAGE_INPUT_MISSING({ image: definition.name, path }, error);
      }
    }),
  );
}

async function filesBelow(root: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile())
    .map((e) =>
      relative(root, join(e.parentPath ?? e.path, e.name))
        .split(sep)
        .join(posix.sep),
    );
}

/**
 * Pure: the same whatever order the files come in; another when one is changed, renamed, added or left out. No input
 * are the mirror (a suite is the same everywhere) and the base image: it runs the package tools, and nothing of it
 * gets into the result.
 */
export function hashInputs(files: readonly InputFile[], source: ImageSource): string {
  const rows = files
    .map(({ path, content }) => `${path}\0${createHash("sha256").update(content).digest("hex")}`)
    .sort();
  return createHash("sha256")
    .update(JSON.stringify([source, ...rows]))
    .digest("hex");
}
