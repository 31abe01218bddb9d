/** Money is integer cents (1 yuan = 100 fen) everywhere; nothing is rounded but a commission, once, per line. */

/** The platform's share of a line, rounded down: the merchant never pays a fraction more than agreed. */
export const commissionCents = (lineCents: number, basisPoints: number): number =>
  Math.floor((lineCents * basisPoints) / 10_000);

/** `¥1,234.50` */
export function yuan(cents: number): string {
  const sign = cents < 0 ? "-" : "";
  const whole = Math.floor(Math.abs(cents) / 100).toString();
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ",");
  return `${sign}¥${grouped}.${String(Math.abs(cents) % 100).padStart(2, "0")}`;
}
