/**
 * Brings each instance's secret files into its volume. Content goes in over standard input only: no bind mount,
 * no argument, no environment, no image holds it. The same way serves the first delivery and a rotation under a
 * running server, which sees the old folder or the new one, never a part and never none.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { z } from "zod";
import type { Engine } from "../../engine/engine.ts";
import type { Instance, InstanceName, MallPlan } from "../../plan/model.ts";
import { instancesOn, type Located } from "../../plan/names.ts";
import { type Progress, silent } from "../../progress.ts";
import { mallFolder } from "../../secrets/backend.ts";
import { type BundleFile, bundleDigest, bundleOf } from "../../secrets/bundle.ts";
import { readCertificate } from "../../secrets/certificates.ts";
import type { SecretSnapshot } from "../../secrets/store.ts";
import { readJson, writeAtomic } from "../../state.ts";
import { text } from "../../text.ts";
import { containerName, labels, volumeName } from "./names.ts";

export interface Delivery {
  readonly engine: Pick<Engine, "api" | "docker">;
  readonly plan: MallPlan;
  readonly snapshot: SecretSnapshot;
  /** Image to run for each image name of the plan. */
  readonly images: Readonly<Record<string, string>>;
  /** Identity of the mall's state; marks the volumes as this mall's. */
  readonly mallId: string;
  readonly stateHome: string;
  /** Left out: every instance of the plan. */
  readonly only?: ReadonlySet<InstanceName>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** Containers that fill volumes at the same time; each takes about 0.15 s. */
  readonly parallel?: number;
}

/** Tells a volume from one of the same name that was made after it was removed. */
const incarnationLabel = "io.mallstack.volume";

/** Longest time one volume may take; a machine that swaps needs seconds. */
const fillTimeoutMs = 60_000;

/**
 * Fills the volumes whose content is not what the store holds now.
 * @returns the instances whose volume was written; empty, without a container started, when all are current.
 * @throws ENGINE_COMMAND_FAILED, the signal's reason
 */
export async function deliverSecrets(delivery: Delivery): Promise<readonly InstanceName[]> {
  const { plan, snapshot } = delivery;
  const wanted = instancesOn(plan, "compose").filter(
    ({ instance }) => delivery.only?.has(instance.name) ?? true,
  );
  const bundles = wanted.flatMap((located) => {
    const files = bundleOf(plan, located.instance, snapshot);
    return files.length === 0
      ? []
      : [
          {
            located,
            files,
            digest: bundleDigest(files),
            endsAt: certificatesEnd(located.instance, snapshot),
          },
        ];
  });
  const [recordBefore, volumes] = await Promise.all([
    readRecord(delivery.stateHome, plan.mall),
    listVolumes(delivery),
  ]);
  const record = new Map(recordBefore);
  const stale = bundles.filter(({ located, digest }) => {
    const volume = volumes.get(volumeOf(plan, located));
    const filled = record.get(located.instance.name);
    return volume === undefined || filled?.volume !== volume || filled.digest !== digest;
  });
  if (stale.length === 0) return [];
  const title = text("Deliver keys and passwords", "分发密钥和密码");
  await (delivery.progress ?? silent).task(title, async (note) => {
    let done = 0;
    try {
      await eachOf(stale, delivery.parallel ?? 4, async ({ located, files, digest, endsAt }) => {
        delivery.signal?.throwIfAborted();
        const name = volumeOf(plan, located);
        const volume = volumes.get(name) ?? (await createVolume(delivery, name));
        await fill(delivery, located, files, digest);
        const before = record.get(located.instance.name);
        const formerEndsAt = before?.volume === volume ? formerEnd(before, endsAt) : undefined;
        record.set(located.instance.name, { volume, digest, at: Date.now(), endsAt, formerEndsAt });
        done += 1;
        note(`${done}/${stale.length}`);
      });
    } finally {
      // What was filled before a failure need not be filled again.
      await writeAtomic(
        recordPath(delivery.stateHome, plan.mall),
        `${JSON.stringify(Object.fromEntries(record), null, 2)}\n`,
      );
    }
  });
  return stale.map(({ located }) => located.instance.name);
}

const volumeOf = (plan: MallPlan, located: Located): string =>
  volumeName(plan.mall, located.instance.name, "secrets");

const recordSchema = z.record(
  z.string(),
  z.object({
    /** The incarnation that was filled. */
    volume: z.string(),
    digest: z.string(),
    /** When, in milliseconds since the epoch. */
    at: z.number(),
    /** When the first of its certificates ends. */
    endsAt: z.number().optional(),
    /** When the first of those ended, or will, that it was filled with before and that a server may still serve. */
    formerEndsAt: z.number().optional(),
  }),
);
type Filled = z.infer<typeof recordSchema>[string];

/** Undefined without a certificate. */
function certificatesEnd(instance: Instance, snapshot: SecretSnapshot): number | undefined {
  const ends = instance.secrets.flatMap(({ ref }) => {
    const pair = ref.kind === "certificate" ? snapshot.certificates.get(ref.id) : undefined;
    return pair === undefined ? [] : [readCertificate(pair.certificate).notAfter];
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** A bundle with the same certificates, and only a new password, leaves it as it was. */
function formerEnd(before: Filled, endsAt: number | undefined): number | undefined {
  const former = [before.formerEndsAt, before.endsAt === endsAt ? undefined : before.endsAt];
  const known = former.filter((end) => end !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

const recordPath = (stateHome: string, mall: string): string =>
  join(mallFolder(mall, stateHome), "delivered.json");

/** What each volume was last filled with. A record that cannot be read only costs filling anew. */
async function readRecord(stateHome: string, mall: string): Promise<ReadonlyMap<InstanceName, Filled>> {
  const record = recordSchema.safeParse(await readJson(recordPath(stateHome, mall)));
  return new Map(record.success ? Object.entries(record.data) : []);
}

/** What is known of the last delivery to an instance; times in milliseconds since the epoch. */
export type Delivered = Pick<Filled, "at" | "formerEndsAt">;

/**
 * When each instance's secrets last changed: a server that reads them only at its start and was started before then has
 * yet to be restarted.
 */
export const deliveries = (stateHome: string, mall: string): Promise<ReadonlyMap<InstanceName, Delivered>> =>
  readRecord(stateHome, mall);

interface ApiVolume {
  readonly Name: string;
  readonly CreatedAt?: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

/** Volumes of the mall: name → what tells this one from an earlier one of the same name. */
async function listVolumes({ engine, plan, signal }: Delivery): Promise<ReadonlyMap<string, string>> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${labels.mall}=${plan.mall}`] }));
  const answer = (await engine.api(`/volumes?filters=${filters}`, { signal })) as {
    readonly Volumes: readonly ApiVolume[] | null;
  };
  return new Map(
    (answer.Volumes ?? []).map((one) => [one.Name, one.Labels?.[incarnationLabel] ?? one.CreatedAt ?? ""]),
  );
}

async function createVolume({ engine, plan, mallId, signal }: Delivery, name: string): Promise<string> {
  const incarnation = randomUUID();
  const body = {
    Name: name,
    Labels: { [labels.mall]: plan.mall, [labels.id]: mallId, [incarnationLabel]: incarnation },
  };
  await engine.api("/volumes/create", { method: "POST", body, signal });
  return incarnation;
}

/**
 * Runs in the instance's own image as its own user, with the volume on `/data`: both that folder and `/secrets` are
 * made by the image and owned by its user, so a fresh volume gets the right owner. The link's target begins with
 * `/secrets`, which is not there: every `mv`, busybox' without -T too, then takes the link for a plain file and
 * renames over it in one step. Before that the new folder is complete and on the disk.
 */
const script = `
set -eu
umask 077
mkdir -p "/data/$1"
cd "/data/$1"
new=gen-$2
before=$(readlink current || :)
before=\${before##*/}
rm -rf gen-*.tmp
if [ -d "$new" ]; then
  cat >/dev/null
else
  mkdir "$new.tmp"
  tar -x -f - -C "$new.tmp"
  rm "$new.tmp/.complete"
  find "$new.tmp" -exec sync {} +
  mv "$new.tmp" "$new"
fi
ln -sf "/secrets/$1/$new" next
mv -f next current
sync .
for old in gen-*; do
  [ "$old" = "$new" ] || [ "$old" = "$before" ] || rm -rf "$old"
done
`;

async function fill(
  { engine, plan, images, signal }: Delivery,
  { workload, instance }: Located,
  files: readonly BundleFile[],
  digest: string,
): Promise<void> {
  const { uid, gid } = workload.user;
  const name = `${containerName(plan.mall, instance.name)}-fill`;
  const image = images[workload.image.name];
  if (image === undefined) throw new Error(`no image to run for ${workload.image.name}`);
  const volume = volumeName(plan.mall, instance.name, "secrets");
  // A run that was killed may have left the container that it had made and not started.
  await engine.api(`/containers/${name}?force=true`, { method: "DELETE" }).catch(() => undefined);
  await engine.docker(
    [
      ...["run", "--rm", "--interactive", "--name", name, "--pull", "never", "--log-driver", "none"],
      ...["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
      ...["--user", `${uid}:${gid}`, "--memory", "64m", "--pids-limit", "32"],
      ...["--mount", `type=volume,source=${volume},target=/data`, "--entrypoint", "/bin/sh", image],
      ...["-c", script, "fill", instance.name, digest.slice(0, 32)],
    ],
    { input: await tarOf(files, uid, gid), timeoutMs: fillTimeoutMs, signal },
  );
}

/** `.complete` comes last: a stream that was cut before it is never taken for the whole. */
async function tarOf(files: readonly BundleFile[], uid: number, gid: number): Promise<Uint8Array> {
  const archive = pack();
  const owner = { uid, gid, mtime: new Date(0) };
  const folders = new Set(files.flatMap(({ path }) => (path.includes("/") ? [path.split("/")[0]] : [])));
  for (const folder of folders) {
    archive.entry({ ...owner, name: `${folder}/`, type: "directory", mode: 0o700 });
  }
  for (const { path, mode, content } of files) archive.entry({ ...owner, name: path, mode }, content);
  archive.entry({ ...owner, name: ".complete", mode: 0o600 }, "");
  archive.finalize();
  return buffer(archive);
}

/** The first failure ends the rest: workers take no further item, those at work finish first. */
async function eachOf<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
        queue.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
