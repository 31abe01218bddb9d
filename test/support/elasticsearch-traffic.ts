/**
 * An application of Elasticsearch while something happens to its nodes: numbered documents over connections that stay,
 * and new connections all the time, each with the files as they are then. What was acknowledged must be there later.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";
import { messageOf } from "../../packages/platform/src/errors.ts";
import type { SecretReader } from "../../packages/platform/src/services/service.ts";
import { type RunningTraffic, startTraffic } from "./traffic.ts";

export interface SearchTarget {
  /** `https://host:port` of each node, from here. */
  readonly nodes: readonly string[];
  readonly user: string;
  readonly secrets: SecretReader;
  /** Id of the user's password. */
  readonly password: string;
  readonly index: string;
}

export interface SearchLogin {
  readonly ca: string;
  readonly password: string;
}

export const presentSearchLogin = async (
  target: Pick<SearchTarget, "secrets" | "password">,
): Promise<SearchLogin> => {
  const [{ ca }, password] = await Promise.all([
    target.secrets.identity(),
    target.secrets.value(target.password),
  ]);
  return { ca, password };
};

export interface SearchAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A connection to one node, as an application has it. */
export function openSearch(node: string, user: string, login: SearchLogin) {
  const client = new Client(node, {
    keepAliveTimeout: 60_000,
    connect: { ca: login.ca, servername: "localhost", timeout: 5_000 },
  });
  const authorization = `Basic ${Buffer.from(`${user}:${login.password}`).toString("base64")}`;
  return {
    async ask(
      method: "GET" | "PUT" | "POST" | "DELETE",
      path: string,
      body?: unknown,
    ): Promise<SearchAnswer> {
      const response = await client.request({
        method,
        path,
        headersTimeout: 10_000,
        headers: { authorization, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.statusCode, body: (await response.body.json()) as SearchAnswer["body"] };
    },
    close: () => client.destroy(),
  };
}

/** One new connection, one request, the end. */
export async function askOnce(
  node: string,
  user: string,
  login: SearchLogin,
  ...request: Parameters<ReturnType<typeof openSearch>["ask"]>
): Promise<SearchAnswer> {
  const connection = openSearch(node, user, login);
  try {
    return await connection.ask(...request);
  } finally {
    await connection.close();
  }
}

const must = (answer: SearchAnswer, ...wanted: readonly number[]): SearchAnswer => {
  if (!wanted.includes(answer.status))
    throw new Error(`${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`);
  return answer;
};

/** Runs until stopped; every request must succeed. Connections that stay keep the password of their beginning. */
export async function startSearchTraffic(target: SearchTarget): Promise<RunningTraffic> {
  const login = await presentSearchLogin(target);
  const staying = target.nodes.map((node) => openSearch(node, target.user, login));
  return startTraffic({
    pauseMs: { request: 10, connect: 40 },
    async request(n) {
      const connection = staying[n % staying.length];
      if (connection === undefined) throw new Error("no node");
      const path = `/${target.index}/_doc/${n % 500}`;
      must(await connection.ask("PUT", path, { number: n }), 200, 201);
      const { body } = must(await connection.ask("GET", path), 200);
      const read = (body._source as { readonly number?: number } | undefined)?.number;
      if (read !== n) throw new Error(`wrote ${n}, read ${read}`);
      return 2;
    },
    async connect(n) {
      const node = target.nodes[n % target.nodes.length] ?? "";
      const present = await presentSearchLogin(target);
      must(await askOnce(node, target.user, present, "GET", `/${target.index}/_count`), 200);
    },
    close: () => {
      for (const connection of staying) void connection.close();
    },
  });
}

export interface Ledger {
  /** Numbers of documents whose writing a node acknowledged. */
  readonly acknowledged: readonly number[];
  /** Tries that were not, each repeated elsewhere until it was. */
  readonly failures: readonly string[];
  /** The longest time without any acknowledgement, ms. */
  readonly longestGapMs: number;
}

/** Writes numbered documents as an application that tries another node when one fails; until stopped. */
export function startWriter(
  target: SearchTarget,
  login: SearchLogin,
): { stop(): Promise<Ledger>; readonly count: () => number } {
  const acknowledged: number[] = [];
  const failures: string[] = [];
  let isOver = false;
  let longestGapMs = 0;
  const running = (async () => {
    let last = Date.now();
    for (let n = 0; !isOver; n += 1) {
      for (let attempt = 0; ; attempt += 1) {
        const node = target.nodes[(n + attempt) % target.nodes.length] ?? "";
        const written = await askOnce(
          node,
          target.user,
          login,
          "PUT",
          `/${target.index}/_doc/${n}?timeout=2s`,
          { number: n },
        ).catch((error: unknown) => messageOf(error));
        if (typeof written !== "string" && written.status < 300) break;
        failures.push(`${n}: ${typeof written === "string" ? written : written.status}`);
        await sleep(50);
      }
      acknowledged.push(n);
      longestGapMs = Math.max(longestGapMs, Date.now() - last);
      last = Date.now();
    }
  })();
  return {
    count: () => acknowledged.length,
    async stop() {
      isOver = true;
      await running;
      return { acknowledged, failures, longestGapMs };
    },
  };
}

/** Which of the numbers are not there, or not as they were written. */
export async function missingDocuments(
  target: SearchTarget,
  login: SearchLogin,
  numbers: readonly number[],
): Promise<readonly number[]> {
  const [node = ""] = target.nodes;
  const connection = openSearch(node, target.user, login);
  try {
    const missing: number[] = [];
    for (let from = 0; from < numbers.length; from += 1_000) {
      const part = numbers.slice(from, from + 1_000);
      const answer = must(
        await connection.ask("POST", `/${target.index}/_mget`, { ids: part.map(String) }),
        200,
      );
      const docs = answer.body.docs as readonly { readonly _source?: { readonly number?: number } }[];
      missing.push(...part.filter((n, i) => docs[i]?._source?.number !== n));
    }
    return missing;
  } finally {
    await connection.close();
  }
}
