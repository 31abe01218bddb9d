/** What a merchant sold on a day of China's. Units and money are those of standing orders. */
export interface SalesDay {
  /** `2026-11-24`, on which the orders were placed. */
  readonly day: string;
  readonly orders: number;
  readonly cancelledOrders: number;
  readonly units: number;
  readonly salesCents: number;
  readonly commissionCents: number;
}
