/** Something that does not match. */
export interface Finding {
  readonly check: string;
  /** The server it was read from. */
  readonly where: string;
  readonly detail: string;
}
