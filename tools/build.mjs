// Bundles the command line and the agent with esbuild. Splitting keeps each verb in its own chunk, so
// that `mall --help` loads nothing it does not print.
import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const platform = join(root, "packages/platform/src");

// Some dependencies are CommonJS and call require() of Node's own modules at run time.
const banner = {
  js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

export async function build() {
  const { build } = await import("esbuild");
  const shared = {
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner,
    minifySyntax: true,
    minifyWhitespace: true,
    // The ES modules of packages that ship both: their CommonJS twins do not survive being imported lazily.
    mainFields: ["module", "main"],
    legalComments: "none",
    logLevel: "warning",
    logOverride: { "empty-import-meta": "silent" },
  };
  const out = join(root, "dist");
  await rm(out, { recursive: true, force: true });
  await Promise.all([
    build({
      ...shared,
      entryPoints: { cli: join(platform, "cli/main.ts") },
      outdir: join(out, "cli"),
      splitting: true,
      chunkNames: "chunk-[hash]",
      outExtension: { ".js": ".mjs" },
    }),
    build({
      ...shared,
      entryPoints: { agent: join(platform, "agent/main.ts") },
      outdir: join(out, "agent"),
      outExtension: { ".js": ".mjs" },
    }),
    build({
      ...shared,
      entryPoints: { storefront: join(root, "examples/storefront/src/main.ts") },
      outdir: join(out, "storefront"),
      outExtension: { ".js": ".mjs" },
    }),
  ]);
  await writeFile(join(out, "package.json"), '{ "type": "module" }\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
