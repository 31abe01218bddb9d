/** A product as the search index has it. */
export interface ProductDocument {
  readonly productId: number;
  /** The document's version: of price, stock and sales together. */
  readonly revision: number;
  readonly name: string;
  readonly nameEn: string;
  readonly brand: string;
  readonly brandEn: string;
  readonly features: readonly string[];
  readonly featuresEn: string;
  readonly categoryId: number;
  readonly category: string;
  readonly categoryEn: string;
  readonly group: string;
  readonly groupEn: string;
  readonly merchantId: number;
  readonly merchant: string;
  readonly merchantEn: string;
  readonly city: string;
  readonly priceCents: number;
  readonly availableUnits: number;
  readonly soldUnits: number;
  /** 0 is the most popular. */
  readonly popularityRank: number;
}
