/** A product's picture: an SVG of about 1.5 KB, the same for the same product on every machine. Pure. */
import { hash } from "node:crypto";
import type { Category } from "../data/vocabulary.ts";
import { shapes } from "./shapes.ts";

export const pictureType = "image/svg+xml";

export interface PictureOf {
  readonly id: number;
  readonly brand: string;
  readonly category: Category;
}

/** Hues go by category, so that a page of one kind looks of a piece; the shade and the ground go by product. */
export function drawPicture({ id, brand, category }: PictureOf): string {
  const dice = Buffer.from(hash("sha256", `${id}/${brand}`, "hex"), "hex");
  const roll = (at: number, sides: number): number => (dice[at] ?? 0) % sides;
  const hue = (category.id * 137 + roll(0, 30)) % 360;
  const accent = (hue + 150 + roll(1, 60)) % 360;
  const fills: Readonly<Record<string, string>> = {
    a: `hsl(${hue} ${48 + roll(2, 18)}% ${50 + roll(3, 10)}%)`,
    b: `hsl(${hue} 40% ${28 + roll(4, 8)}%)`,
    c: `hsl(${accent} 78% 60%)`,
    w: "hsl(0 0% 100% / .92)",
  };
  const shape = (shapes[category.name] ?? "").replaceAll(
    /(fill|stroke)="([abcw])"/g,
    (_, part: string, tone: string) => `${part}="${fills[tone] ?? tone}"`,
  );
  const spot = (n: number) =>
    `<circle cx="${roll(5 + n, 400)}" cy="${roll(9 + n, 256) * 1.5}" r="${60 + roll(13 + n, 80)}" fill="hsl(${hue} 70% 88% / .55)"/>`;
  const tilt = roll(17, 13) - 6;
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">',
    `<linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${hue} 60% 95%)"/><stop offset="1" stop-color="hsl(${hue} 45% 84%)"/></linearGradient>`,
    '<rect width="400" height="400" fill="url(#g)"/>',
    spot(0),
    spot(1),
    spot(2),
    `<ellipse cx="200" cy="336" rx="${100 + roll(18, 20)}" ry="14" fill="hsl(${hue} 30% 30% / .16)"/>`,
    `<g transform="translate(200 196) rotate(${tilt}) scale(2.6) translate(-50 -50)" stroke-linecap="round" stroke-linejoin="round">${shape}</g>`,
    "</svg>",
  ].join("");
}

/** Where a product's picture is kept. The content's digest is part of it: another picture is another object. */
export const objectKey = (load: string, productId: number, sha256: string): string =>
  `storefront/${load.slice(0, 12)}/${productId}-${sha256.slice(0, 12)}.svg`;
