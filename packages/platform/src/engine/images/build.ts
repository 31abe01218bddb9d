/** Makes one image: first its list of packages, whose versions decide, then the image itself from the same steps. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import { messageOf } from "../../errors.ts";
import { ensureFolder, stateHome } from "../../state.ts";
import { text } from "../../text.ts";
import { hostAuthorities } from "../authorities.ts";
import type { BaseImage } from "../base-image.ts";
import { diskFullError } from "../disk.ts";
import type { Engine } from "../engine.ts";
import { type Mirrors, mirrorArguments } from "../mirrors.ts";
import { failureLines, phaseOf } from "./build-log.ts";
import type { ImageDefinition } from "./definition.ts";
import { imageError } from "./errors.ts";
import { fromPackages, type ImageSource } from "./inputs.ts";
import { type Manifest, manifestSchema, packagesDigest } from "./manifest.ts";
import { presentTags } from "./present.ts";
import type { BuiltImage } from "./record.ts";
import { inRange } from "./version.ts";

export interface BuildRequest {
  readonly definition: ImageDefinition;
  /** The clone. */
  readonly root: string;
  readonly source: ImageSource;
  readonly inputsHash: string;
  /** Absent when made from a reference. */
  readonly base: BaseImage | undefined;
  readonly mirrors: Mirrors;
  readonly refresh: string;
  readonly note: (detail: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * @throws IMAGE_VERSION_UNSUPPORTED before any image is made; IMAGE_BUILD_FAILED, DISK_FULL; the signal's reason
 */
export async function buildImage(engine: Engine, request: BuildRequest): Promise<BuiltImage> {
  const { definition, source, inputsHash, base, refresh } = request;
  const manifest = await buildManifest(engine, request);
  requireSupported(definition, source, manifest.version);

  const digest = packagesDigest(manifest.packages);
  const tag = imageTag(definition.name, source, inputsHash, digest);
  // Built again from the same it would be another image by its times alone, and take the tag from one that may run.
  if (!(await presentTags(engine, request.signal)).has(tag)) {
    await runBuild(engine, request, [
      ...["--target", source === fromPackages ? "built" : "override", "--tag", tag, "--load"],
      ...labels(definition, source, manifest.version, inputsHash, digest),
    ]);
  }
  const { Id, Size } = (await engine.api(`/images/${tag}/json`)) as { Id: string; Size: number };
  return {
    tag,
    imageId: Id,
    version: manifest.version,
    source,
    inputsHash,
    baseId: base?.id ?? "",
    refresh,
    builtAt: new Date().toISOString(),
    sizeBytes: Size,
    packages: manifest.packages,
  };
}

/** The same inputs and packages give the same tag, and another never takes it: a tag in use stays what it is. */
export function imageTag(name: string, source: ImageSource, inputsHash: string, digest: string): string {
  const hash = createHash("sha256").update(`${inputsHash} ${digest}`).digest("hex").slice(0, 12);
  return `mallstack/${name}:${source === fromPackages ? "" : "ovr-"}${hash}`;
}

/** @throws IMAGE_VERSION_UNSUPPORTED */
export function requireSupported(definition: ImageDefinition, source: ImageSource, version: string): void {
  const built = source === fromPackages;
  const range = built ? definition.supported : definition.override;
  if (inRange(version, range)) return;
  throw imageError.IMAGE_VERSION_UNSUPPORTED({
    image: definition.name,
    found: version,
    range,
    source: built ? `Debian ${definition.suite}` : source,
  });
}

const labels = (
  definition: ImageDefinition,
  source: ImageSource,
  version: string,
  inputsHash: string,
  digest: string,
): readonly string[] =>
  Object.entries({
    "org.opencontainers.image.title": `mallstack/${definition.name}`,
    "org.opencontainers.image.description": `${definition.title} for mallstack`,
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.licenses": definition.licence,
    "org.opencontainers.image.base.name": source === fromPackages ? `debian:${definition.suite}` : source,
    "io.mallstack.inputs": inputsHash,
    "io.mallstack.packages": digest,
  }).flatMap(([key, value]) => ["--label", `${key}=${value}`]);

async function buildManifest(engine: Engine, request: BuildRequest): Promise<Manifest> {
  const folder = await mkdtemp(join(tmpdir(), "mall-image-"));
  try {
    await runBuild(engine, request, [
      ...["--target", request.source === fromPackages ? "manifest" : "override-manifest"],
      ...["--output", `type=local,dest=${folder}`],
    ]);
    const path = join(folder, "packages.json");
    try {
      return manifestSchema.parse(JSON.parse(await readFile(path, "utf8")));
    } catch (error) {
      throw imageError.IMAGE_DEFINITION_WRONG({ path, cause: messageOf(error) }, error);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const buildLogPath = (image: string): string => join(stateHome(), "log", `image-${image}.log`);

async function runBuild(engine: Engine, request: BuildRequest, options: readonly string[]): Promise<void> {
  const { definition, root, source, base, mirrors, refresh, note, signal } = request;
  const logPath = buildLogPath(definition.name);
  await ensureFolder(dirname(logPath));
  const log = createWriteStream(logPath, { mode: 0o600 });
  // A stream whose error nobody hears ends the process; a log that cannot be written does not matter to the build.
  log.on("error", () => {});
  const lines: string[] = [];
  const authorities = await hostAuthorities();
  const args = [
    // `default` is the engine's own builder: another one would neither see the base nor leave its result here.
    ...["buildx", "build", "--builder", "default", "--progress", "plain", "--provenance", "false"],
    ...["--file", join(root, "images", definition.name, "Dockerfile")],
    ...buildArguments({
      BASE: base?.reference,
      UPSTREAM: source === fromPackages ? undefined : source,
      ...mirrorArguments(mirrors),
      REFRESH: refresh,
    }),
    // Not a secret; but only so a file of the host reaches a step without becoming part of a layer.
    ...(authorities === undefined ? [] : ["--secret", `id=authorities,src=${authorities}`]),
    ...options,
    root,
  ];
  try {
    const result = await engine.tryDocker(args, {
      signal,
      onLine: (line) => {
        lines.push(line);
        log.write(`${line}\n`);
        const phase = phaseOf(line);
        if (phase !== undefined) note(phase);
      },
    });
    if (result.exitCode === 0) return;
  } finally {
    log.end();
    // A full disk must not hide the build's own words.
    await finished(log).catch(() => undefined);
  }
  const failure = imageError.IMAGE_BUILD_FAILED({
    image: definition.name,
    lastLines: failureLines(lines),
    logPath,
  });
  const place = {
    path: stateHome(),
    neededBytes: 0,
    purpose: text(`building the image ${definition.name}`, `构建镜像 ${definition.name}`),
  };
  throw (await diskFullError(new Error(lines.join("\n")), place)) ?? failure;
}

/** A proxy's address may carry a password: Docker takes the named variables from the environment, not from here. */
const proxyVariables = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

function buildArguments(values: Readonly<Record<string, string | undefined>>): readonly string[] {
  const given = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : ["--build-arg", `${key}=${value}`],
  );
  const proxies = proxyVariables.flatMap((key) => (process.env[key] ? ["--build-arg", key] : []));
  return [...given, ...proxies];
}
