/**
 * MinIO's own administration (cmd/admin-router.go, version 3). Of its calls only those that carry a secret are
 * encrypted, and of those only one is needed here; the others are plain JSON over TLS.
 */
import { z } from "zod";
import { type Answer, ask, type Login, type Node, type Request, refusal } from "./client.ts";
import { seal } from "./seal.ts";

const admin = (
  method: Request["method"],
  call: string,
  query?: Request["query"],
  body?: Request["body"],
): Request => ({
  method,
  path: `/minio/admin/v3/${call}`,
  ...(query === undefined ? {} : { query }),
  ...(body === undefined ? {} : { body }),
});

const json = (answer: Answer): unknown => JSON.parse(answer.body.toString("utf8"));

/** The servers write an absent list as null. */
const numbers = z
  .array(z.number())
  .nullish()
  .transform((list) => list ?? []);

const storageSchema = z.object({
  Disks: z
    .array(
      z.object({
        endpoint: z.string().default(""),
        state: z.string().default("unknown"),
        healing: z.boolean().default(false),
        totalspace: z.number().default(0),
        usedspace: z.number().default(0),
      }),
    )
    .nullish()
    .transform((list) => list ?? []),
  Backend: z.object({
    StandardSCParity: z.number().default(0),
    TotalSets: numbers,
    DrivesPerSet: numbers,
  }),
});

export type Storage = z.output<typeof storageSchema>;

/**
 * The drives as the asked node sees them. Unlike `info`, which asks every peer for all it knows and waits up to half a
 * minute for one that has just gone, it answers within a second then.
 * @returns undefined when the login is not the servers' root
 */
export async function storageInfo(node: Node, login: Login): Promise<Storage | undefined> {
  const request = admin("GET", "storageinfo");
  const answer = await node.send(request, login);
  if (answer.status === 403) return undefined;
  if (answer.status !== 200) throw refusal(node, request, answer);
  return storageSchema.parse(json(answer));
}

const versionsSchema = z.object({
  servers: z
    .array(z.object({ endpoint: z.string(), state: z.string(), version: z.string().default("") }))
    .default([]),
});

/** Each server's version by its own word, by endpoint. Quick only while all are there. */
export async function serverVersions(
  node: Node,
  login: Login,
): Promise<readonly { readonly endpoint: string; readonly version: string }[]> {
  return versionsSchema.parse(json(await ask(node, admin("GET", "info"), login))).servers;
}

/** Bytes; undefined without a quota. */
export async function quotaOf(node: Node, login: Login, bucket: string): Promise<number | undefined> {
  const answer = await ask(node, admin("GET", "get-bucket-quota", { bucket }), login);
  const { size, quota } = z
    .object({ size: z.number().default(0), quota: z.number().default(0) })
    .parse(json(answer));
  return size || quota || undefined;
}

/** 0 takes the quota away. */
export const setQuota = (node: Node, login: Login, bucket: string, bytes: number): Promise<Answer> =>
  ask(
    node,
    admin(
      "PUT",
      "set-bucket-quota",
      { bucket },
      // The older servers that an override may name read `quota`, the newer ones `size`.
      JSON.stringify(bytes === 0 ? { size: 0, quota: 0 } : { size: bytes, quota: bytes, quotatype: "hard" }),
    ),
    login,
  );

/** Undefined when there is none of that name. */
export async function policyNamed(node: Node, login: Login, name: string): Promise<unknown> {
  const request = admin("GET", "info-canned-policy", { name });
  const answer = await node.send(request, login);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(node, request, answer);
  return json(answer);
}

export const setPolicy = (node: Node, login: Login, name: string, policy: object): Promise<Answer> =>
  ask(node, admin("PUT", "add-canned-policy", { name }, JSON.stringify(policy)), login);

const groupSchema = z.object({
  status: z.string().default(""),
  members: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
  policy: z.string().default(""),
});

export type Group = z.output<typeof groupSchema>;

export async function groupNamed(node: Node, login: Login, group: string): Promise<Group | undefined> {
  const request = admin("GET", "group", { group });
  const answer = await node.send(request, login);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(node, request, answer);
  return groupSchema.parse(json(answer));
}

/** The group is made with its first member. */
export const joinGroup = (node: Node, login: Login, group: string, member: string): Promise<Answer> =>
  ask(
    node,
    admin(
      "PUT",
      "update-group-members",
      undefined,
      JSON.stringify({ group, members: [member], groupStatus: "enabled", isRemove: false }),
    ),
    login,
  );

export const enableGroup = (node: Node, login: Login, group: string): Promise<Answer> =>
  ask(node, admin("PUT", "set-group-status", { group, status: "enabled" }), login);

export const setGroupPolicy = (
  node: Node,
  login: Login,
  group: string,
  policyName: string,
): Promise<Answer> =>
  ask(
    node,
    admin("PUT", "set-user-or-group-policy", { policyName, userOrGroup: group, isGroup: "true" }),
    login,
  );

/** Makes the key, or gives it this secret and switches it on. */
export const setUser = (node: Node, login: Login, user: Login): Promise<Answer> =>
  ask(
    node,
    admin(
      "PUT",
      "add-user",
      { accessKey: user.accessKey },
      seal(login.secretKey, JSON.stringify({ secretKey: user.secretKey, status: "enabled" })),
    ),
    login,
  );

export const removeUser = (node: Node, login: Login, accessKey: string): Promise<Answer> =>
  ask(node, admin("DELETE", "remove-user", { accessKey }), login, [404]);

/**
 * All servers of the cluster end at the same time; their engine starts them again, and they read their files anew. The
 * servers' own restart would carry the old password on, and in the environment.
 */
export const stopServers = (node: Node, login: Login): Promise<Answer> =>
  ask(node, admin("POST", "service", { action: "stop", type: "2" }), login);
