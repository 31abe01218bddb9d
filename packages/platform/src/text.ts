/** A sentence for people, in both languages of the project. Machine output (`--json`) carries both. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

export const text = (en: string, zh: string): Text => ({ en, zh });
