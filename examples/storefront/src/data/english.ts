/** The shop's generated goods in English, derived from their Chinese text word by word. Pure. */
import {
  brandSyllables,
  englishCategories,
  englishCities,
  englishGroups,
  englishPraise,
  englishShopKinds,
  englishSpecs,
  englishUnits,
} from "./english-words.ts";
import { type Category, categories, groups } from "./vocabulary.ts";

const byId = new Map(categories.map((category) => [category.id, category]));

/** The category of an id; the first for an id that nobody has. */
export const categoryOf = (id: number): Category => byId.get(id) ?? (categories[0] as Category);

const spaced = (text: string): string => text.replaceAll("_", " ");
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

export const categoryInEnglish = (category: Category): string =>
  englishCategories[category.name]?.name ?? category.name;
export const groupInEnglish = (group: string): string => englishGroups[group] ?? group;
export const cityInEnglish = (city: string): string => englishCities[city] ?? city;

export const brandInEnglish = (brand: string): string =>
  capital([...brand].map((character) => brandSyllables[character] ?? character).join(""));

export function specInEnglish(spec: string): string {
  const whole = englishSpecs[spec];
  if (whole !== undefined) return spaced(whole);
  for (const [pattern, english] of englishUnits) {
    const number = pattern.exec(spec)?.[1];
    if (number !== undefined) return english(number);
  }
  return spec;
}

/** `云岚旗舰店`-like names: brand, then maybe a group, or a city before the brand; then the kind of shop. */
export function merchantInEnglish(name: string): string {
  const kind = Object.keys(englishShopKinds).find((one) => name.endsWith(one));
  if (kind === undefined) return name;
  const head = name.slice(0, -kind.length);
  const city = Object.keys(englishCities).find((one) => head.startsWith(one) && head.length > one.length);
  const group = groups.find((one) => head.endsWith(one) && head.length > one.length);
  const english = spaced(englishShopKinds[kind] ?? kind);
  if (city !== undefined && group === undefined)
    return `${cityInEnglish(city)} ${brandInEnglish(head.slice(city.length))} ${english}`;
  if (group === undefined) return `${brandInEnglish(head)} ${english}`;
  return `${brandInEnglish(head.slice(0, -group.length))} ${groupInEnglish(group)} ${english}`;
}

export interface ProductParts {
  readonly brand: string;
  readonly features: readonly string[];
  readonly noun: string;
  readonly spec: string;
}

/** What a generated name is made of: `brand features+noun spec`. */
export function partsOf(name: string, category: Category): ProductParts {
  const [brand = "", middle = "", spec = ""] = name.split(" ");
  // The longest noun that it ends with: 护脊书包 is one, and so is 书包.
  const noun = [...category.nouns].sort((a, b) => b.length - a.length).find((one) => middle.endsWith(one));
  if (noun === undefined) return { brand, features: [], noun: middle, spec };
  return { brand, features: splitFeatures(middle.slice(0, -noun.length), category.features), noun, spec };
}

function splitFeatures(text: string, known: readonly string[]): readonly string[] {
  if (text === "" || known.includes(text)) return text === "" ? [] : [text];
  const first = known.find((one) => text.startsWith(one) && known.includes(text.slice(one.length)));
  return first === undefined ? [text] : [first, text.slice(first.length)];
}

const translated = (words: readonly string[], english: readonly string[], word: string): string =>
  english[words.indexOf(word)] ?? word;

export interface EnglishProduct {
  readonly name: string;
  readonly brand: string;
  readonly noun: string;
  readonly features: string;
  readonly spec: string;
}

export function productInEnglish(name: string, category: Category): EnglishProduct {
  const parts = partsOf(name, category);
  const english = englishCategories[category.name];
  const features = parts.features
    .map((feature) => translated(category.features, english?.features ?? [], feature))
    .join(" ");
  const noun = translated(category.nouns, english?.nouns ?? [], parts.noun);
  const brand = brandInEnglish(parts.brand);
  const spec = specInEnglish(parts.spec);
  return { name: `${brand} ${features} ${noun}, ${spec}`, brand, noun, features, spec };
}

/** The description's clauses, whose ends are `。` and `；`. */
export function descriptionInEnglish(name: string, description: string, category: Category): string {
  const { features, noun, spec } = productInEnglish(name, category);
  const clauses = description
    .slice(description.indexOf("。") + 1)
    .split(/[；。]/)
    .filter((clause) => clause !== "")
    .map((clause) => capital(englishPraise[clause] ?? clause));
  return `${capital(noun)}: ${features}, ${spec}. ${clauses.join(". ")}.`;
}
