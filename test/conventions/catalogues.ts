/** The platform's errors, and those of the sample shop, which is a program of its own. */
import { storefrontError } from "../../examples/storefront/src/errors.ts";
import { catalogues as platform } from "../../packages/platform/src/errors-all.ts";

export const catalogues = [...platform, storefrontError];
export const sourceFolders = ["packages/platform/src", "examples/storefront/src"] as const;
