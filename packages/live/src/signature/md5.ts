/** MD5 by Node.js; the edge brings njs's own. MD5 is what the three dialects prescribe. */
import { createHash } from "node:crypto";
import type { Md5 } from "./digest.ts";

export const md5: Md5 = (text, digits = "hex") => createHash("md5").update(text, "utf8").digest(digits);
