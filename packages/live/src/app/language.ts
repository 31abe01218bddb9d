/** Which of the two languages a request asks for: `?lang=zh|en` first, then Accept-Language (RFC 9110 12.5.4). */
import type { Text } from "../text.ts";

export type Language = keyof Text;

/** @param fallback for those who ask for neither */
export function languageOf(
  asked: string | undefined,
  acceptLanguage: string | undefined,
  fallback: Language = "en",
): Language {
  if (asked === "zh" || asked === "en") return asked;
  const ranked = (acceptLanguage ?? "")
    .split(",")
    .map((part, place) => {
      const [tag = "", ...parameters] = part.split(";").map((piece) => piece.trim());
      const q = parameters.map((p) => /^q=([01](?:\.\d{0,3})?)$/.exec(p)?.[1]).find((v) => v !== undefined);
      return {
        primary: tag.toLowerCase().split("-")[0] ?? "",
        weight: q === undefined ? 1 : Number(q),
        place,
      };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.place - b.place);
  for (const { primary } of ranked) if (primary === "zh" || primary === "en") return primary;
  return fallback;
}
