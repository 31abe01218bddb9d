/** What a command is told, with the defaults of a shop of realistic size. */
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stateHome } from "@mallstack/platform/src/state.ts";
import type { ShopSize } from "./data/shop.ts";
import { storefrontError } from "./errors.ts";

export const commandNames = ["load", "run", "check", "bench", "relevance", "serve"] as const;
export type CommandName = (typeof commandNames)[number];

export interface Arguments {
  readonly command: CommandName;
  readonly json: boolean;
  /** Folder of ledgers and results. */
  readonly folder: string;
  readonly size: ShopSize;
  readonly fresh: boolean;
  readonly shoppers: number;
  readonly seconds: number;
  readonly thinkMs: number;
  /** MiB of ballast written to Redis during a run, so that it evicts. */
  readonly ballastMib: number;
  readonly requests: number;
  readonly readers: number;
  readonly replicas: number;
  /** Products that have a picture; with `check`, pictures that are read back. */
  readonly pictures: number;
  /** Of the web page, on the loopback interface; 0: any that is free. */
  readonly port: number;
}

/** Every number a command takes: name, default, lowest and highest value. */
const numbers = {
  products: { default: 50_000, low: 100, high: 1_000_000 },
  merchants: { default: 200, low: 10, high: 10_000 },
  consumers: { default: 20_000, low: 10, high: 1_000_000 },
  orders: { default: 100_000, low: 0, high: 10_000_000 },
  seed: { default: 1, low: 0, high: 2 ** 31 },
  shoppers: { default: 16, low: 1, high: 1_000 },
  seconds: { default: 30, low: 1, high: 86_400 },
  think: { default: 50, low: 0, high: 60_000 },
  ballast: { default: 0, low: 0, high: 100_000 },
  requests: { default: 20_000, low: 1_000, high: 10_000_000 },
  readers: { default: 8, low: 1, high: 200 },
  replicas: { default: 2, low: 0, high: 15 },
  pictures: { default: 3_000, low: 0, high: 1_000_000 },
  port: { default: 8_088, low: 0, high: 65_535 },
} as const;
export type NumberName = keyof typeof numbers;
const numberNames = Object.keys(numbers) as readonly NumberName[];

/** @throws ARGUMENT_WRONG */
export function parseArguments(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  nowMs = Date.now(),
): Arguments {
  const { values, positionals } = parsed(argv);
  const command = commandNames.find((name) => name === positionals[0]);
  if (command === undefined || positionals.length > 1)
    throw storefrontError.ARGUMENT_WRONG({
      detail: `expected one of ${commandNames.join(", ")}, got '${positionals.join(" ")}'`,
    });
  const given = Object.fromEntries(
    numberNames.map((name) => [name, numberOf(name, values[name])]),
  ) as Readonly<Record<NumberName, number>>;
  const dayMs = 86_400_000;
  return {
    command,
    json: values.json === true,
    folder: env.MALL_STOREFRONT_DIR ?? join(stateHome({ HOME: homedir(), ...env }), "malls/mall/storefront"),
    size: {
      seed: given.seed,
      products: given.products,
      merchants: given.merchants,
      consumers: given.consumers,
      orders: given.orders,
      untilMs: Math.floor(nowMs / dayMs) * dayMs,
    },
    fresh: values.fresh === true,
    shoppers: given.shoppers,
    seconds: given.seconds,
    thinkMs: given.think,
    ballastMib: given.ballast,
    requests: given.requests,
    readers: given.readers,
    replicas: given.replicas,
    pictures: given.pictures,
    port: given.port,
  };
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parsed(argv: readonly string[]): {
  readonly values: Values;
  readonly positionals: readonly string[];
} {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: {
        json: { type: "boolean" },
        fresh: { type: "boolean" },
        ...Object.fromEntries(numberNames.map((name) => [name, { type: "string" as const }])),
      },
    });
  } catch (error) {
    throw storefrontError.ARGUMENT_WRONG(
      { detail: error instanceof Error ? error.message : String(error) },
      error,
    );
  }
}

function numberOf(name: NumberName, value: string | boolean | undefined): number {
  const { default: usual, low, high } = numbers[name];
  if (typeof value !== "string") return usual;
  const number = Number(value.replaceAll("_", ""));
  if (!Number.isInteger(number) || number < low || number > high)
    throw storefrontError.ARGUMENT_WRONG({
      detail: `--${name} takes a whole number from ${low} to ${high}, got '${value}'`,
    });
  return number;
}
