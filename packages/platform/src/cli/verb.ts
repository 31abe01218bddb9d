/**
 * What a verb of the command line is. A verb is data: its file exports `defineVerb({ … })`, the index
 * (`verbs.ts`) holds its name and summary and loads the file only when it is used.
 */
import type { ExitKind, Language } from "../errors.ts";
import type { Text } from "../text.ts";
import type { Output } from "./output.ts";

/** Values a shell can complete and a check holds the user to. */
export type Choices = readonly string[];

/** Values a shell offers where they are known only later, such as the names of services; not a check. */
export type Offers = () => Promise<readonly string[]>;

interface Described {
  readonly description: Text;
}

/** Key `acceptLoss` of `options` is `--accept-loss` on the command line. */
export type OptionSpec = Described & { readonly short?: string } & (
    | {
        /** `true` by default makes it `--no-<name>`. */
        readonly type: "flag";
        readonly default?: boolean;
      }
    | {
        readonly type: "string";
        /** What stands for the value in help: `dir` gives `--output <dir>`. `dir` and `file` complete as paths. */
        readonly value: string;
        readonly default?: string;
        readonly choices?: Choices;
        readonly offers?: Offers;
      }
    | { readonly type: "number"; readonly value: string; readonly default?: number }
    /** `10m`; the value is in milliseconds. */
    | { readonly type: "duration"; readonly value: string; readonly default?: string }
    /** May be repeated, and separated by commas. */
    | { readonly type: "list"; readonly value: string; readonly choices?: Choices; readonly offers?: Offers }
  );

export interface ArgumentSpec extends Described {
  /** Left out: optional. */
  readonly required?: true;
  /** Takes all that remain; only the last one may. */
  readonly variadic?: true;
  readonly choices?: Choices;
  readonly offers?: Offers;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;

type Word<S> = S extends { choices: readonly (infer C extends string)[] } ? C : string;

type OptionValue<O> = O extends { type: "flag" }
  ? boolean
  : O extends { type: "list" }
    ? readonly Word<O>[]
    :
        | (O extends { type: "number" | "duration" } ? number : Word<O>)
        | (O extends { default: unknown } ? never : undefined);

type ArgumentValue<A> = A extends { variadic: true }
  ? readonly Word<A>[]
  : Word<A> | (A extends { required: true } ? never : undefined);

export type OptionValues<O> = { readonly [K in keyof O]: OptionValue<O[K]> };
export type ArgumentValues<A> = { readonly [K in keyof A]: ArgumentValue<A[K]> };

export interface VerbContext<A = Record<never, never>, O = Record<never, never>> {
  readonly args: ArgumentValues<A>;
  readonly options: OptionValues<O>;
  readonly out: Output;
  /** Aborted by the first Ctrl-C (or SIGTERM): end cleanly, the exit code becomes 130. A second one ends at once. */
  readonly signal: AbortSignal;
  readonly language: Language;
  /** Folder of the clone: `images/`, `dist/` and `mall.schema.json` are in it. */
  readonly root: string;
  /** `-f`; undefined: ./mall.yaml if it is there, else the defaults. */
  readonly file: string | undefined;
}

export interface Example {
  /** Without `./mall`: `logs -f mysql`. */
  readonly command: string;
  readonly does: Text;
}

export interface Verb<A extends ArgumentSpecs = ArgumentSpecs, O extends OptionSpecs = OptionSpecs> {
  /** What it does, what it proves, what it never does: one to a few sentences below the summary in `--help`. */
  readonly description: Text;
  readonly examples: readonly Example[];
  /** In the order they are written. */
  readonly arguments: A;
  readonly options: O;
  /**
   * Ctrl-C belongs to a client that runs in the foreground (`mall sql`): it is then not caught here.
   */
  readonly foreground?: true;
  /** What follows the first word is another program's, options too: `mall kafka topics --list` needs no `--`. */
  readonly passThrough?: true;
  /**
   * @returns nothing when all was done; `unmet` when it ran and something did not hold.
   * @throws MallError for what the user can mend.
   */
  run(ctx: VerbContext<A, O>): Promise<ExitKind | undefined>;
}

/** A verb as the framework holds it, its own types closed over. */
export type AnyVerb = Omit<Verb, "run"> & { run(ctx: VerbContext): Promise<ExitKind | undefined> };

/** Closes a verb's own types: what `run` reads is exactly what its own data declares. */
export function defineVerb<const A extends ArgumentSpecs, const O extends OptionSpecs>(
  verb: Verb<A, O>,
): AnyVerb {
  return verb as unknown as AnyVerb;
}

/** A verb in the index: enough for `mall --help`, nothing loaded. */
export interface VerbEntry {
  readonly name: string;
  readonly summary: Text;
  readonly load: () => Promise<{ readonly default: AnyVerb }>;
}

/** Verbs below a common word: `mall spec check`. */
export interface VerbGroup {
  readonly name: string;
  readonly summary: Text;
  readonly verbs: readonly VerbEntry[];
}

/** A heading of `mall --help`. */
export interface VerbSection {
  readonly title: Text;
  readonly entries: readonly (VerbEntry | VerbGroup)[];
}

/** `acceptLoss` → `accept-loss`. */
export const kebab = (key: string): string => key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
