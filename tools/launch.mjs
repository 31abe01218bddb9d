// Brings a fresh clone to a running command: installs the locked dependencies when the lock file
// changed, bundles when a source changed, then runs the command in this same process (no second Node).
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 12)) {
  fail(
    3,
    `NODE_TOO_OLD: Node.js ${process.versions.node} found, 20.12 or newer is needed. Install a newer one (nodejs.org or your distribution), then run this again.`,
  );
}

const stale = () => {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const installed = join(root, "node_modules/.mall-installed");
  const built = join(root, "dist/.built");
  return {
    lock,
    installed,
    built,
    needsInstall: !existsSync(installed) || readFileSync(installed, "utf8") !== lock,
    needsBuild: !existsSync(built) || newestSource() > statSync(built).mtimeMs,
  };
};

const first = stale();
if (first.needsInstall || first.needsBuild) {
  withLock(() => {
    const now = stale();
    if (now.needsInstall) {
      refuseLink(join(root, "node_modules"));
      note("installing dependencies (once) …");
      run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
      writeFileSync(now.installed, now.lock);
    }
    if (now.needsInstall || now.needsBuild) {
      // The stamp's time is taken before the build: an edit made during it counts as newer.
      const started = Date.now();
      run(process.execPath, [join(root, "tools/build.mjs")]);
      writeFileSync(now.built, `${new Date(started).toISOString()}\n`);
      utimesSync(now.built, started / 1000, started / 1000);
    }
  });
}

process.env.MALL_ROOT = root;
await import(join(root, "dist/cli/cli.mjs"));

/** `npm ci` empties node_modules first: through a link it would be those of another clone, of another lock file. */
function refuseLink(modules) {
  if (!lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const target = existsSync(modules) ? realpathSync(modules) : "nothing";
  fail(
    5,
    `NODE_MODULES_LINKED: ${modules} is a link to ${target}, which was not installed from the package-lock.json here; installing through the link would replace what is there. Remove the link (rm ${modules}), then run this again: this clone gets dependencies of its own.`,
  );
}

/** Newest modification time, in ms, of everything that goes into the bundles. */
function newestSource() {
  let newest = 0;
  const visit = (path) => {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      for (const name of readdirSync(path)) if (name !== "node_modules") visit(join(path, name));
    } else if (stat.mtimeMs > newest) newest = stat.mtimeMs;
  };
  for (const path of [
    "packages/platform/src",
    "packages/live/src",
    "packages/live/page",
    "examples/storefront/src",
    "examples/storefront/client",
    "tools/build.mjs",
  ])
    visit(join(root, path));
  return newest;
}

/** One launcher at a time prepares the clone; the others wait for it and then find it prepared. */
function withLock(work) {
  const lock = join(root, ".mall-lock");
  for (let waited = 0; ; waited += 1) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, "pid"), String(process.pid));
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!ownerAlive(lock)) rmSync(lock, { recursive: true, force: true });
      else if (waited === 1) note("another mall command prepares this clone; waiting …");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once("exit", release);
  try {
    work();
  } finally {
    release();
    process.off("exit", release);
  }
}

function ownerAlive(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, "pid"), "utf8")), 0);
    return true;
  } catch (error) {
    // ENOENT: the owner has made the folder and not yet its pid; it is younger than two seconds.
    if (error.code === "ENOENT") return existsSync(lock) && Date.now() - statSync(lock).mtimeMs < 2000;
    return error.code === "EPERM";
  }
}

function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (done.error)
    fail(
      3,
      `SETUP_FAILED: ${command} could not be started: ${done.error.message}. It is part of Node.js' own distribution (Debian: apt-get install npm).`,
    );
  if (done.status !== 0)
    fail(
      3,
      `SETUP_FAILED: '${command} ${args[0]}' ended with ${done.status ?? done.signal}. Its own words are above; run the same command again when it is mended.`,
    );
}

function note(text) {
  if (process.stderr.isTTY || !process.argv.includes("--json")) process.stderr.write(`[mall] ${text}\n`);
}

function fail(code, text) {
  process.stderr.write(`[mall] ${text}\n`);
  process.exit(code);
}
