import { type Text, text } from "../text.ts";

const units = [
  { ms: 86_400_000, en: "d", zh: "天" },
  { ms: 3_600_000, en: "h", zh: "小时" },
  { ms: 60_000, en: "min", zh: "分钟" },
  { ms: 1_000, en: "s", zh: "秒" },
] as const;

/** A span of time in its largest whole unit: `3 h`. A clock that went back gives 0 s. */
export function age(ms: number): Text {
  const unit = units.find((u) => ms >= u.ms) ?? units[3];
  const count = Math.max(0, Math.floor(ms / unit.ms));
  return text(`${count} ${unit.en}`, `${count} ${unit.zh}`);
}
