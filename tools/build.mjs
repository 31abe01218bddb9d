// Bundles the command line and the agent with esbuild. Splitting keeps each verb in its own chunk, so
// that `mall --help` loads nothing it does not print.
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const platform = join(root, "packages/platform/src");
const live = join(root, "packages/live");

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
      // Reads files beside its own; loaded by `mall bench live` alone.
      external: ["playwright-core"],
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
    build({
      ...shared,
      entryPoints: { ingest: join(root, "packages/live/src/ingest/main.ts") },
      outdir: join(out, "live"),
      outExtension: { ".js": ".mjs" },
    }),
    buildPage(join(out, "storefront/page")),
    build({
      ...shared,
      entryPoints: { app: join(live, "src/app/main.ts") },
      outdir: join(out, "live"),
      outExtension: { ".js": ".mjs" },
    }),
    buildPlayer(join(out, "live/page")),
    buildEdge(join(out, "live/edge.js")),
  ]);
  await writeFile(join(out, "package.json"), '{ "type": "module" }\n');
}

/** The sample shop's page. */
export const buildPage = (folder) => pageOf(join(root, "examples/storefront/client"), folder);

/**
 * The page that plays live streams. hls.js without what live streams of ours never have, subtitles and rights
 * management, is a third smaller; its worker is a file of its own, because a strict page runs no script from a blob.
 * So is what auctions alone need, fetched when one is looked at.
 */
export async function buildPlayer(folder) {
  await pageOf(join(live, "page"), folder, { alias: { "hls.js": "hls.js/light" } });
  await (await import("esbuild")).build({
    entryPoints: [join(live, "page/livekit.ts")],
    outfile: join(folder, "livekit.js"),
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022"],
    legalComments: "none",
    logLevel: "warning",
  });
  const worker = fileURLToPath(import.meta.resolve("hls.js/dist/hls.worker.js"));
  const { transform } = await import("esbuild");
  const { code } = await transform(await readFile(worker, "utf8"), { minify: true, legalComments: "none" });
  await writeFile(join(folder, "hls.worker.js"), code);
}

/** One script and one style sheet for any browser of the last years. */
async function pageOf(page, folder, more = {}) {
  const { build } = await import("esbuild");
  await mkdir(folder, { recursive: true });
  await Promise.all([
    build({
      ...more,
      entryPoints: { app: join(page, "main.tsx"), "app.style": join(page, "app.css") },
      outdir: folder,
      entryNames: "[name]",
      bundle: true,
      minify: true,
      format: "esm",
      target: ["es2022"],
      jsx: "automatic",
      jsxImportSource: "preact",
      legalComments: "none",
      logLevel: "warning",
    }).then(() => rename(join(folder, "app.style.css"), join(folder, "app.css"))),
    ...["index.html", "icon.svg"].map((name) => copyFile(join(page, name), join(folder, name))),
  ]);
}

/** The live edge's program, one module for njs, whose own modules go by their names without `node:`. */
export async function buildEdge(file) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [join(root, "packages/live/src/edge/main.ts")],
    outfile: file,
    bundle: true,
    platform: "neutral",
    format: "esm",
    // QuickJS, njs's engine since its version 1.
    target: "es2023",
    alias: { "node:crypto": "crypto", "node:fs": "fs" },
    external: ["crypto", "fs"],
    legalComments: "none",
    logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
