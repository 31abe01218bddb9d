/** What requests about auctions may hold. */
import { z } from "zod";
import { highestAmount, mostBands, wrongWith } from "../../auction/increments.ts";
import { line } from "../input.ts";

const amount = z.int().min(1).max(highestAmount);
const band = z.strictObject({ from: z.int().min(0).max(highestAmount), step: amount });

export const auctionBody = z
  .strictObject({
    title: line(100),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, "three letters of ISO 4217")
      .default("CNY"),
    openingPrice: amount,
    reserve: amount.optional(),
    /** One step for all prices, or steps by price. */
    increments: z.union([
      amount.transform((step) => [{ from: 0, step }]),
      z
        .array(band)
        .max(mostBands)
        .superRefine((bands, context) => {
          const wrong = wrongWith(bands);
          if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong });
        }),
    ]),
    durationSeconds: z.int().min(5).max(86_400),
    extensionSeconds: z.int().min(0).max(600).default(10),
  })
  .transform(({ durationSeconds, extensionSeconds, reserve, ...auction }) => ({
    ...auction,
    reserve,
    durationMs: durationSeconds * 1_000,
    extensionMs: extensionSeconds * 1_000,
  }));

export const bidBody = z.strictObject({ amount });
export const bidHeaders = z.object({
  "idempotency-key": z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, "8 to 64 of A-Z a-z 0-9 _ -"),
});
export const auctionParams = z.object({ id: z.string().max(1_024) });
export const bidsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(2_147_483_647).default(0),
  lang: z.string().optional(),
});
