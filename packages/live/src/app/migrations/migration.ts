/**
 * What a step of the schema is. A step that has run anywhere is never changed: what comes after it is another step.
 * MySQL commits each statement that changes a schema by itself, so every one must stand being run again after a step
 * that was cut short. Times are UTC with milliseconds; names compare byte by byte.
 */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly statements: readonly string[];
}

export const bin = "CHARACTER SET ascii COLLATE ascii_bin";
