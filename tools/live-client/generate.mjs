// Writes packages/live/src/client/schema.ts from packages/live/openapi.json: part of 'npm run live-client'.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const folder = import.meta.dirname;
const root = join(folder, "../..");
const types = join(root, "packages/live/src/client/schema.ts");

execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: "inherit" });
const { default: typesOf, astToString } = await import("openapi-typescript");

const document = await readFile(join(root, "packages/live/openapi.json"), "utf8");
await writeFile(types, astToString(await typesOf(JSON.parse(document), { silent: true })));
execFileSync("npx", ["biome", "check", "--write", types], { cwd: root, stdio: "inherit" });
const body = await readFile(types, "utf8");
const digest = createHash("sha256").update(document).update(body).digest("hex");
await writeFile(
  types,
  `/** Made by 'npm run live-client'. SHA-256 of openapi.json and what follows: ${digest} */\n${body}`,
);
