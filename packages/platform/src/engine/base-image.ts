/** The image that all of ours are built on: Debian's official one where it can be pulled, else one from packages. */
import { type Progress, silent } from "../progress.ts";
import { text } from "../text.ts";
import { ensureBaseRoot, type Suite } from "./base-root.ts";
import type { Engine } from "./engine.ts";
import { aptMirror } from "./mirrors.ts";
import { layoutOf } from "./private/layout.ts";
import { registryAnswers, rememberRegistry } from "./registry-probe.ts";

export type { Suite } from "./base-root.ts";

export interface BaseImage {
  /** The same name on every machine, for `FROM` and `--build-arg BASE=`: `mallstack/base:sid`. */
  readonly reference: string;
  /** `sha256:…`, by which a build's inputs are compared. */
  readonly id: string;
  readonly origin: "registry" | "packages";
}

export interface BaseOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Base URL of a Debian mirror; default MALL_APT_MIRROR, then Debian's own. Is the source inside as well. */
  readonly mirror?: string | undefined;
  /** Take today's in place of the one that is there: `mall upgrade`. */
  readonly refresh?: boolean;
}

export const baseReference = (suite: Suite): string => `mallstack/base:${suite}`;

/** A stuck pull must not hold `mall up` up when packages would do; 30 MB in this time is 2 Mbit/s. */
const pullTimeoutMs = 120_000;

/**
 * The base image of a suite, in the engine when this returns; once there it stays the same until `refresh`.
 * From packages it takes 12 s the first time and 1 s from the tar kept on the disk.
 * @throws those of making it from packages (base-root.ts), ENGINE_COMMAND_FAILED
 */
export async function ensureBase(
  engine: Engine,
  suite: Suite,
  options: BaseOptions = {},
): Promise<BaseImage> {
  const progress = options.progress ?? silent;
  const { signal, refresh = false } = options;
  if (!refresh) {
    const present = await presentImage(engine, suite);
    if (present) return present;
  }
  if ((await registryAnswers(engine, signal)) && (await pull(engine, suite, progress, signal))) {
    return required(engine, suite);
  }
  const root = await ensureBaseRoot(layoutOf(), suite, {
    progress,
    signal,
    mirror: aptMirror(options.mirror),
    refresh,
  });
  await progress.task(text(`importing Debian ${suite}`, `导入 Debian ${suite}`), () =>
    engine.docker(
      [
        "import",
        "--change",
        'CMD ["bash"]',
        "--change",
        `LABEL org.mallstack.base=packages org.mallstack.base.sha256=${root.sha256} org.opencontainers.image.created=${root.madeAt}`,
        root.path,
        baseReference(suite),
      ],
      { signal },
    ),
  );
  return required(engine, suite);
}

/** True when the official image is there under our name. Any failure means: from packages. */
async function pull(
  engine: Engine,
  suite: Suite,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const official = `debian:${suite}-slim`;
  return progress.task(text(`pulling ${official}`, `拉取 ${official}`), async (note) => {
    const result = await engine.tryDocker(["pull", "--quiet", official], {
      signal,
      timeoutMs: pullTimeoutMs,
    });
    if (result.exitCode === 0) {
      await engine.docker(["tag", official, baseReference(suite)], { signal });
      return true;
    }
    note(result.stderr.split("\n")[0] ?? "");
    await rememberRegistry(false);
    return false;
  });
}

async function presentImage(engine: Engine, suite: Suite): Promise<BaseImage | undefined> {
  const reference = baseReference(suite);
  const filters = encodeURIComponent(JSON.stringify({ reference: [reference] }));
  const images = (await engine.api(`/images/json?filters=${filters}`)) as readonly {
    Id: string;
    Labels: Readonly<Record<string, string>> | null;
  }[];
  const [image] = images;
  if (image === undefined) return undefined;
  return {
    reference,
    id: image.Id,
    origin: image.Labels?.["org.mallstack.base"] === "packages" ? "packages" : "registry",
  };
}

async function required(engine: Engine, suite: Suite): Promise<BaseImage> {
  const image = await presentImage(engine, suite);
  if (image) return image;
  throw new Error(`the image ${baseReference(suite)} was made and is not in the engine`);
}
