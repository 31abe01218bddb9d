/** A sentence for people, in both languages of the project. Programs read the code beside it, never the text. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

export const text = (en: string, zh: string): Text => ({ en, zh });
