/** Saying "the disk is full" in place of whatever a program said when it met that. */
import { type MallError, messageOf } from "../errors.ts";
import { freeBytes } from "../state.ts";
import type { Text } from "../text.ts";
import { engineError } from "./errors.ts";

/** Wordings of ENOSPC and EDQUOT: libc's (and so dpkg's, tar's, Docker's), Node's, apt's own check before a download. */
const wordings = /no space left on device|ENOSPC|EDQUOT|disk quota exceeded|don't have enough free space/i;

export function saysDiskFull(words: string): boolean {
  return wordings.test(words);
}

/** @throws DISK_FULL when less than `neededBytes` are free, before anything is begun. */
export async function requireSpace(path: string, neededBytes: number, purpose: Text): Promise<void> {
  const free = await freeBytes(path);
  if (free < neededBytes) throw engineError.DISK_FULL({ path, freeBytes: free, neededBytes, purpose });
}

/** DISK_FULL when the failure's words say so, else `undefined`. `neededBytes` 0: not known. */
export async function diskFullError(
  failure: unknown,
  place: { readonly path: string; readonly neededBytes: number; readonly purpose: Text },
): Promise<MallError | undefined> {
  if (!saysDiskFull(messageOf(failure))) return undefined;
  return engineError.DISK_FULL({ ...place, freeBytes: await freeBytes(place.path) }, failure);
}
