/** What requests may hold, checked by zod: unknown fields are an error that names them. */
import { z } from "zod";
import { dialects, streamName } from "../signature/index.ts";
import { ladderInfo } from "./answers.ts";
import { LiveError } from "./errors.ts";
import { roles } from "./tokens.ts";

const instance = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const broadcast = z.string().regex(/^b[0-9a-z]{4,31}$/);
/** Any text: what is no room's name is simply unknown. */
const stream = z.string().max(1_024);
const name = z.string().regex(streamName, "a-z, 0-9, - and _, 64 at most, beginning with a letter or digit");
export const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "no control characters");
const merchant = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
/** MySQL's DATETIME ends there. */
const lastTime = Date.parse("9999-12-31T23:59:59Z");
const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() > Date.now() && date.getTime() < lastTime, "must lie in the future");
const ttl = (most: number) => z.coerce.number().int().min(10).max(most);

export const publishBody = z.strictObject({
  stream,
  query: z.string().max(4_096),
  /** As nginx writes it; empty when it knows none. */
  address: z.string().regex(/^[\x21-\x7e]{0,64}$/),
  clientId: z.coerce.string().regex(/^[0-9A-Za-z-]{1,32}$/),
  instance,
});
/** Not strict: an ingest that says more than this is a newer one. */
const report = z.object({
  bitsPerSecond: z.number().min(0),
  frameRate: z.number().min(0),
  keyframeSeconds: z.number().min(0),
  segments: z.int().min(0),
  lost: z.int().min(0),
  restarts: z.int().min(0),
  lastSegmentAt: z.iso.datetime(),
  video: z.object({ codec: z.string(), width: z.int(), height: z.int() }).optional(),
  audio: z.object({ codec: z.string(), channels: z.int() }).optional(),
  ladder: ladderInfo.optional().catch(undefined),
});
export type StreamReport = z.output<typeof report>;
export const updateBody = z.strictObject({ stream: name, broadcast, instance, report: report.optional() });
export const doneBody = z.strictObject({
  stream: name,
  broadcast,
  instance,
  // Told until it is heard: whatever it says must not keep the end from being known.
  reason: z
    .string()
    .max(4_096)
    .transform((said) => said.replaceAll(/\p{C}/gu, " ").trim().slice(0, 64) || "closed"),
});

export const recordedBody = z.strictObject({
  ...{ stream: name, broadcast, instance },
  ...{ waiting: z.int().min(0), uploaded: z.int().min(0), dropped: z.int().min(0) },
});

export const roomBody = z.strictObject({
  name,
  title: line(100),
  merchant,
  visibility: z.enum(["public", "members"]).default("public"),
});
export const keyBody = z.strictObject({ expiresAt: time.optional() });
export const banBody = z.strictObject({ until: time });
export const pinBody = z.strictObject({
  /** As the shop knows it. */
  product: z.string().regex(/^[\x21-\x7e]{1,64}$/, "letters, digits and signs without blanks, 64 at most"),
  title: line(100),
});
export const scheduleBody = z.strictObject({ startsAt: time });
export const nothing = z.strictObject({});
export const tokenBody = z
  .strictObject({
    subject: line(128),
    role: z.enum(roles),
    merchant: merchant.optional(),
    ttlSeconds: ttl(7 * 86_400).default(3_600),
  })
  .refine(({ role, merchant: of }) => role !== "streamer" || of !== undefined, {
    path: ["merchant"],
    message: "a streamer belongs to a merchant",
  });

export const roomParams = z.object({ name: z.string().max(1_024) });
export const keyParams = z.object({ name: z.string().max(1_024), id: z.string() });
export const isKeyId = (id: string): boolean => /^k[0-9a-f]{12}$/.test(id);
export const pinParams = keyParams;
export const isPinId = (id: string): boolean => /^p[0-9a-z]{4,31}$/.test(id);
export const pinsQuery = z.strictObject({ broadcast: broadcast.optional(), lang: z.string().optional() });
export const listQuery = z.strictObject({
  after: name.or(z.literal("")).default(""),
  live: z.enum(["0", "1"]).default("0"),
  planned: z.enum(["0", "1"]).default("0"),
  lang: z.string().optional(),
});
/** The index goes no deeper than 10,000 results. */
const lastPage = 499;
export const searchQuery = z.strictObject({
  q: line(100),
  page: z.coerce.number().int().min(0).max(lastPage).default(0),
  live: z.enum(["0", "1"]).default("0"),
  lang: z.string().optional(),
});
export const replaysQuery = z.strictObject({
  before: broadcast.optional(),
  q: line(100).optional(),
  lang: z.string().optional(),
});
export const replayParams = z.object({ broadcast: z.string() });
export const isBroadcast = (id: string): boolean => broadcast.safeParse(id).success;
export const urlsQuery = z.strictObject({
  ttl: ttl(30 * 86_400).default(3_600),
  dialect: z.enum(dialects as ["nginx", "tencent", "aliyun"]).default("nginx"),
  lang: z.string().optional(),
});

/** @throws INPUT_WRONG with the first thing that is wrong */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LiveError("INPUT_WRONG", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}
