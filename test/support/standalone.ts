/** Runs one of our images by itself, held as tightly as a mall holds it, with secrets and files of its own. */
import { randomBytes } from "node:crypto";
import { chmod, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import type { RunResult } from "../../packages/platform/src/engine/run.ts";
import { issueAuthority, issueLeaf, type KeyPair } from "../../packages/platform/src/secrets/certificates.ts";

export interface Standalone {
  readonly image: string;
  readonly uid: number;
  /** Path below `/config/<instance>` → content. */
  readonly config?: Readonly<Record<string, string>>;
  /** File below `/secrets/<instance>/current` → content; tls.* and ca.crt are added. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Volume at /data, kept until the bench is cleared; default: a fresh one. */
  readonly volume?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** More `docker run` options, and the command's arguments. */
  readonly options?: readonly string[];
  readonly command?: readonly string[];
}

export interface Container {
  readonly name: string;
  readonly instance: string;
  exec(...command: readonly string[]): Promise<RunResult>;
  /** The same with standard input. */
  feed(input: string, ...command: readonly string[]): Promise<RunResult>;
  healthy(mode?: string): Promise<boolean>;
  /** Resolves once the image's own probe is content. @throws with the container's log after `timeoutMs` */
  untilHealthy(timeoutMs?: number): Promise<void>;
  logs(): Promise<string>;
  /** Address on the bench's network. */
  address(): Promise<string>;
  state(): Promise<{ readonly running: boolean; readonly exitCode: number; readonly restarts: number }>;
  /** A new certificate of the same CA in a new folder, to which `current` is swapped. @returns the folder's files. */
  renew(): Promise<Readonly<Record<string, string>>>;
  /** Writes a file of its secrets folder anew, or removes it. */
  putSecret(file: string, value: string | undefined): Promise<void>;
}

/** Containers, volumes and one network that are removed together. */
export class Bench {
  readonly #id = `images-${randomBytes(3).toString("hex")}`;
  readonly #folder: string;
  readonly #authority: KeyPair;
  readonly #containers = new Set<string>();
  readonly #volumes = new Set<string>();

  private constructor(
    readonly engine: Engine,
    folder: string,
    authority: KeyPair,
  ) {
    this.#folder = folder;
    this.#authority = authority;
  }

  static async open(): Promise<Bench> {
    const engine = await ensureEngine();
    const folder = await mkdtemp(join(tmpdir(), "mall-bench-"));
    const bench = new Bench(engine, folder, await issueAuthority("bench", 1, Date.now()));
    await engine.docker(["network", "create", bench.#id]);
    return bench;
  }

  async close(): Promise<void> {
    const all = [...this.#containers];
    if (all.length > 0) await this.engine.tryDocker(["rm", "-f", "-v", ...all]);
    if (this.#volumes.size > 0) await this.engine.tryDocker(["volume", "rm", "-f", ...this.#volumes]);
    await this.engine.tryDocker(["network", "rm", this.#id]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Name of a volume that is removed with the bench. */
  volume(name: string): string {
    const full = `${this.#id}-${name}`;
    this.#volumes.add(full);
    return full;
  }

  /** PEM of the bench's CA. */
  get authority(): string {
    return this.#authority.certificate;
  }

  async run(instance: string, options: Standalone): Promise<Container> {
    const name = `${this.#id}-${instance}`;
    const at = join(this.#folder, instance);
    const secrets = join(at, "secrets", instance);
    await this.#write(join(at, "config"), options.config ?? {});
    await this.#write(join(secrets, "one"), { ...(await this.identity(instance)), ...options.secrets });
    await rm(join(secrets, "current"), { force: true });
    await symlink("one", join(secrets, "current"));
    await this.remove(instance);
    this.#containers.add(name);
    const owner = `uid=${options.uid},gid=${options.uid}`;
    await this.engine.docker([
      ...["run", "--detach", "--name", name, "--hostname", instance, "--network", this.#id],
      ...["--network-alias", instance, "--read-only", "--cap-drop", "ALL", "--memory", "700m"],
      ...["--security-opt", "no-new-privileges=true", "--user", `${options.uid}:${options.uid}`],
      ...["--volume", `${options.volume ?? this.volume(`${instance}-data`)}:/data`],
      ...["--volume", `${join(at, "config")}:/config/${instance}:ro`],
      ...["--volume", `${join(at, "secrets")}:/secrets:ro`],
      ...["--tmpfs", `/run/mall:mode=0700,${owner}`, "--tmpfs", "/tmp:mode=1777"],
      ...["--env", `MALL_INSTANCE=${instance}`],
      ...Object.entries(options.environment ?? {}).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
      ...(options.options ?? []),
      options.image,
      ...(options.command ?? []),
    ]);
    return this.#container(name, instance, join(secrets, "one"));
  }

  /** Tells it to stop and sees it end by that, and not by the SIGKILL that comes when the time is over. */
  async stopsWithin(seconds: number, { name, state }: Container): Promise<void> {
    const started = performance.now();
    await this.engine.docker(["stop", "--timeout", `${seconds}`, name]);
    const took = (performance.now() - started) / 1000;
    const { exitCode } = await state();
    if (exitCode === 137 || took >= seconds)
      throw new Error(`${name} did not stop by itself: ${took.toFixed(1)} s, exit code ${exitCode}`);
  }

  async remove(instance: string): Promise<void> {
    await this.engine.tryDocker(["rm", "-f", `${this.#id}-${instance}`]);
  }

  #container(name: string, instance: string, secrets: string): Container {
    const { engine } = this;
    const exec = (...command: readonly string[]) => engine.tryDocker(["exec", name, ...command]);
    const inspect = async () =>
      (await engine.api(`/containers/${name}/json`)) as {
        readonly State: { readonly Running: boolean; readonly ExitCode: number };
        readonly RestartCount: number;
        readonly NetworkSettings: {
          readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
        };
      };
    const logs = async () => {
      const { stdout, stderr } = await engine.tryDocker(["logs", name]);
      return `${stdout}\n${stderr}`;
    };
    const healthy = async (...mode: readonly string[]) =>
      (await exec("/usr/local/bin/healthcheck", ...mode)).exitCode === 0;
    return {
      name,
      instance,
      exec,
      logs,
      feed: (input, ...command) => engine.tryDocker(["exec", "-i", name, ...command], { input }),
      healthy: (mode) => (mode === undefined ? healthy() : healthy(mode)),
      untilHealthy: async (timeoutMs = 60_000) => {
        for (const end = Date.now() + timeoutMs; !(await healthy()); ) {
          if (Date.now() > end) throw new Error(`${name} is not healthy:\n${await logs()}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
      address: async () => (await inspect()).NetworkSettings.Networks[this.#id]?.IPAddress ?? "",
      state: async () => {
        const { State, RestartCount } = await inspect();
        return { running: State.Running, exitCode: State.ExitCode, restarts: RestartCount };
      },
      renew: async () => {
        const files = await this.identity(instance);
        // A folder of secrets is delivered whole: what else it holds is in the new one too.
        await cp(secrets, join(secrets, "../two"), { recursive: true });
        await this.#write(join(secrets, "../two"), files);
        await symlink("two", join(secrets, "../next"));
        await rename(join(secrets, "../next"), join(secrets, "../current"));
        return files;
      },
      putSecret: async (file, value) => {
        if (value === undefined) await rm(join(secrets, file));
        else await this.#write(secrets, { [file]: value });
      },
    };
  }

  /** A certificate for this name and the files that hold it. */
  async identity(instance: string): Promise<Readonly<Record<string, string>>> {
    const leaf = await issueLeaf(
      {
        kind: "certificate",
        id: instance,
        commonName: instance,
        dnsNames: [instance, "localhost"],
        ipAddresses: ["127.0.0.1"],
        usage: ["server", "client"],
        rotate: "roll",
      },
      this.#authority,
      1,
      Date.now(),
    );
    const { certificate, key } = leaf;
    return { "tls.crt": certificate, "tls.key": key, "tls.pem": key + certificate, "ca.crt": this.authority };
  }

  /** Readable by whoever the container runs as: their owners are not the matter here. */
  async #write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
    for (const [file, content] of Object.entries(files)) {
      await rm(join(folder, file), { force: true });
      await writeFile(join(folder, file), content, { mode: 0o644 });
    }
  }
}
