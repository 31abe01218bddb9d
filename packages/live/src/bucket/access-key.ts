import { createHash } from "node:crypto";

/**
 * The access key that belongs to a secret of the account: its name and eight hex digits. MinIO knows one secret a key;
 * while one is rotated two keys are valid, and which of them a secret goes with is told by the secret itself.
 */
export const accessKeyOf = (user: string, secret: string): string =>
  `${user}-${createHash("sha256").update(secret).digest("hex").slice(0, 8)}`;
