/** Every folder's errors. A test holds this list against docs/errors.md and the source tree, both ways. */
import { cliError } from "./cli/errors.ts";
import type { ErrorCatalogue } from "./errors.ts";

export interface Catalogue {
  readonly scope: string;
  readonly catalogue: ErrorCatalogue;
}

export const catalogues: readonly Catalogue[] = [cliError];
