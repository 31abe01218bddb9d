/** What the supervisor asks the application: whether a publisher may, whether it still may; and what it tells it. */
import { Agent, request } from "node:https";
import { z } from "zod";
import type { IngestConfig } from "./config.ts";
import type { Log } from "./log.ts";
import type { Report } from "./report.ts";
import type { Identity } from "./secrets.ts";

export interface PublishRequest {
  readonly stream: string;
  readonly query: string;
  readonly address: string;
  readonly clientId: string;
  readonly instance: string;
}

export type PublishAnswer =
  | { readonly kind: "accepted"; readonly broadcast: string }
  | { readonly kind: "refused"; readonly code: string; readonly reason: string }
  | { readonly kind: "unreachable"; readonly reason: string };

/** `stage`: a token by which the broadcast is to be seen by WebRTC as well. */
export type UpdateAnswer =
  | { readonly kind: "go-on"; readonly stage?: string | undefined }
  | { readonly kind: "cut" | "unreachable" };

export interface Done {
  readonly stream: string;
  readonly broadcast: string;
  readonly instance: string;
  readonly reason: string;
}

/** How far the recording of a broadcast that has ended is in the bucket. */
export interface Recording {
  readonly stream: string;
  readonly broadcast: string;
  readonly instance: string;
  /** What is still to be uploaded; 0: that was all. */
  readonly waiting: number;
  readonly uploaded: number;
  /** Segments that could not be kept until they were uploaded. */
  readonly dropped: number;
}

export interface AppClient {
  publish(asked: PublishRequest): Promise<PublishAnswer>;
  /** @param asked its `report` is what its streamer is shown of it */
  update(asked: Omit<Done, "reason"> & { readonly report?: Report | undefined }): Promise<UpdateAnswer>;
  /** Told again and again until it is heard, or `giveUpMs` have passed. */
  done(told: Done): void;
  /** The last word of a recording is told again and again as well; one in between, once. */
  recorded(told: Recording): void;
  use(identity: Identity): void;
  /** What was not told yet. */
  pending(): number;
  /** Waits for what is being told, at most as long. */
  close(withinMs: number): Promise<void>;
}

const accepted = z.object({ broadcast: z.string() });
const updated = z.object({ stage: z.string().max(4_096).optional() });
const refused = z.object({ code: z.string().max(64), reason: z.string().max(500) });
const mostAnswerBytes = 65_536;
const giveUpMs = 3_600_000;
const mostWaiting = 1_000;

/** What is told until it is heard. */
interface Told {
  readonly path: string;
  readonly content: object;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export function appClient(config: IngestConfig, first: Identity, log: Log): AppClient {
  let agent = agentOf(first);
  // Whoever answered last is asked first.
  let preferred = 0;
  const waiting = new Map<Told, number>();
  const timer = setInterval(retell, 1_000);
  let telling = false;

  return {
    async publish(asked) {
      const answer = await ask("/internal/publish", asked);
      if (answer === undefined) return { kind: "unreachable", reason: "the application does not answer" };
      const yes = answer.status === 200 ? accepted.safeParse(answer.body) : undefined;
      if (yes?.success) return { kind: "accepted", broadcast: yes.data.broadcast };
      const no = answer.status === 403 ? refused.safeParse(answer.body) : undefined;
      if (no?.success) return { kind: "refused", ...no.data };
      return { kind: "unreachable", reason: `the application answered ${answer.status}` };
    },
    async update(asked) {
      const answer = await ask("/internal/update", asked);
      if (answer?.status === 200) return { kind: "go-on", ...updated.safeParse(answer.body).data };
      return { kind: answer?.status === 403 ? "cut" : "unreachable" };
    },
    done: (content) => tell({ path: "/internal/done", content }),
    recorded(content) {
      if (content.waiting === 0) tell({ path: "/internal/recorded", content });
      else void ask("/internal/recorded", content);
    },
    use(identity) {
      agent.destroy();
      agent = agentOf(identity);
    },
    pending: () => waiting.size,
    async close(withinMs) {
      for (const end = Date.now() + withinMs; waiting.size > 0 && Date.now() < end; ) {
        await retell();
        if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, 100));
      }
      clearInterval(timer);
      agent.destroy();
    },
  };

  function tell(told: Told): void {
    if (waiting.size >= mostWaiting) {
      const [oldest] = waiting.keys();
      if (oldest !== undefined) waiting.delete(oldest);
    }
    waiting.set(told, Date.now());
    void retell();
  }

  async function retell(): Promise<void> {
    if (telling) return;
    telling = true;
    try {
      for (const [told, since] of [...waiting]) {
        const answer = await ask(told.path, told.content);
        const heard = answer !== undefined && answer.status >= 200 && answer.status < 300;
        if (heard || Date.now() - since > giveUpMs) waiting.delete(told);
        // Nobody is there: the rest would wait as long for nothing.
        if (answer === undefined) return;
      }
    } finally {
      telling = false;
    }
  }

  /** The first answer of any instance that is one; undefined when none gave one. */
  async function ask(path: string, content: object): Promise<Answer | undefined> {
    const all = config.applications;
    for (let i = 0; i < all.length; i++) {
      const index = (preferred + i) % all.length;
      const target = all[index];
      if (target === undefined) continue;
      try {
        const answer = await post(agent, target, path, content, config.answerSeconds * 1000);
        // One that is starting or ending says so; another may be whole.
        if (answer.status >= 500) throw new Error(`answered ${answer.status}`);
        preferred = index;
        return answer;
      } catch (error) {
        log("warn", "an application did not answer", { host: target.host, path, why: String(error) });
      }
    }
    return undefined;
  }
}

const agentOf = (identity: Identity): Agent =>
  new Agent({ ...identity, keepAlive: true, maxSockets: 32, minVersion: "TLSv1.2" });

function post(
  agent: Agent,
  target: IngestConfig["applications"][number],
  path: string,
  content: object,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(content);
    const asked = request(
      {
        agent,
        host: target.host,
        port: target.port,
        servername: target.serverName,
        method: "POST",
        path,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text += piece;
          if (text.length > mostAnswerBytes) asked.destroy(new Error("an answer without end"));
        });
        response.on("error", reject);
        response.on("end", () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, body: parsed(text) });
        });
      },
    );
    // Of the whole question: a socket's own time-out begins anew with each byte.
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    asked.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
