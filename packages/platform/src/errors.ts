/**
 * The one error type a user may see. Each folder declares its own errors beside its code with
 * {@link defineErrors}; `errors-all.ts` lists the catalogues, and a test holds them against
 * docs/errors.md both ways.
 */
export type Language = "en" | "zh";

/** Documented exit codes of every command (docs/errors.md). */
export const exitCodes = {
  /** Everything asked for was done and proven. */
  ok: 0,
  /** It ran, and a check, drill or test did not hold. */
  unmet: 1,
  /** Wrong arguments, wrong mall.yaml: the user's input must change. */
  input: 2,
  /** This machine lacks something: Node, an engine, memory, disk, a free port. */
  machine: 3,
  /** A server, an image build or the engine failed at its work. */
  operation: 4,
  /** Refused because it would lose data, or needs `--yes`. */
  refused: 5,
  /** A defect of mallstack itself. */
  internal: 70,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;
export type ExitKind = keyof typeof exitCodes;

/** What went wrong, and what to do about it: one sentence or two each, without a final newline. */
export interface ErrorText {
  readonly what: string;
  readonly fix: string;
}

export interface ErrorEntry<P> {
  readonly exit: ExitKind;
  readonly en: (params: P) => ErrorText;
  readonly zh: (params: P) => ErrorText;
}

// biome-ignore lint/suspicious/noExplicitAny: an entry's parameter type is its own; a catalogue only holds them.
export type ErrorCatalogue = Readonly<Record<string, ErrorEntry<any>>>;

export class MallError extends Error {
  override readonly name = "MallError";
  constructor(
    readonly scope: string,
    readonly code: string,
    readonly exit: ExitKind,
    private readonly texts: Record<Language, ErrorText>,
    private readonly options: { readonly cause?: unknown; readonly details?: unknown } = {},
  ) {
    super(`[${scope}] ${code}: ${texts.en.what}`, { cause: options.cause });
  }

  /** `[scope] CODE: what. fix`, the form printed to a user. */
  describe(language: Language): string {
    const { what, fix } = this.texts[language];
    return `[${this.scope}] ${this.code}: ${what}${fix === "" ? "" : `\n  ${fix}`}`;
  }

  /** `details`: what a program would otherwise have to take out of the text, such as each problem's place. */
  toJSON(): { scope: string; code: string; exit: number; what: string; fix: string; details?: unknown } {
    const { what, fix } = this.texts.en;
    const { details } = this.options;
    const own = { scope: this.scope, code: this.code, exit: exitCodes[this.exit], what, fix };
    return details === undefined ? own : { ...own, details };
  }
}

type Raise<C extends ErrorCatalogue> = {
  readonly [K in keyof C]: (params: Parameters<C[K]["en"]>[0], cause?: unknown) => MallError;
};

/**
 * Declares a folder's errors; the result makes them: `throw engineError.ENGINE_ABSENT({ … }, cause)`.
 * Codes are stable: scripts match them. Texts may improve. A parameter named `details` goes into the JSON form as it is.
 */
export function defineErrors<const C extends ErrorCatalogue>(
  scope: string,
  catalogue: C,
): Raise<C> & { readonly catalogue: C; readonly scope: string } {
  const raise = Object.fromEntries(
    Object.entries(catalogue).map(([code, entry]) => [
      code,
      (params: unknown, cause?: unknown) => {
        const details =
          typeof params === "object" && params !== null && "details" in params ? params.details : undefined;
        const texts = { en: entry.en(params), zh: entry.zh(params) };
        return new MallError(scope, code, entry.exit, texts, { cause, details });
      },
    ]),
  );
  return { ...(raise as Raise<C>), catalogue, scope };
}

/** Lets TypeScript infer an entry's parameters from its English text and holds the Chinese one to them. */
export function entry<P>(exit: ExitKind, en: (p: P) => ErrorText, zh: (p: P) => ErrorText): ErrorEntry<P> {
  return { exit, en, zh };
}

/** Message of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
