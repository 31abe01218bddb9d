/** What people call things that the catalogue calls otherwise. The text that is searched for gains the catalogue's word. */
const groups: readonly (readonly string[])[] = [
  ["充电宝", "移动电源"],
  ["吹风机", "电吹风"],
  ["尿不湿", "纸尿裤"],
  ["行李箱", "拉杆箱"],
  ["旅行箱", "拉杆箱"],
  ["唇膏", "口红"],
  ["洗面奶", "洁面乳"],
  ["沐浴液", "沐浴露"],
  ["饭锅", "电饭煲"],
  ["大米", "东北大米"],
  ["红酒", "干红葡萄酒"],
  ["啤酒", "精酿啤酒"],
  ["扫地机", "扫地机器人"],
  ["跑鞋", "跑步鞋"],
  ["签字笔", "中性笔"],
  ["手环", "智能手环"],
  ["牙刷", "电动牙刷"],
  ["headset", "headphones"],
  ["diapers", "nappies"],
  ["diaper", "nappies"],
  ["luggage", "suitcase"],
  ["sneakers", "sports shoes"],
  ["jump rope", "skipping rope"],
  ["yogurt", "yoghurt"],
  ["soccer", "football"],
  ["hairdryer", "hair dryer"],
  ["portable charger", "power bank"],
];

/** Every way to ask for it: the text itself, and with each known word replaced by the catalogue's. */
export function waysToAsk(text: string): readonly string[] {
  const plain = text.trim().toLowerCase();
  const ways = new Set([plain]);
  for (const [said = "", meant = ""] of groups)
    if (plain.includes(said) && !plain.includes(meant)) ways.add(plain.replaceAll(said, meant));
  return [...ways].slice(0, 4);
}
