/** Searches whose right answers are known, because the shop's goods are generated: what each should find. */
import type { ProductParts } from "../data/english.ts";

export interface Judged {
  readonly text: string;
  /** The product is one of these things … */
  readonly nouns: readonly string[];
  /** … with this feature, if any … */
  readonly feature?: string;
  /** … and this spec, if any. */
  readonly spec?: string;
}

const find = (text: string, nouns: string, more: { feature?: string; spec?: string } = {}): Judged => ({
  text,
  nouns: nouns.split(" "),
  ...more,
});

export const judged: readonly Judged[] = [
  find("蓝牙耳机", "蓝牙耳机"),
  find("降噪耳机", "蓝牙耳机 头戴式耳机 入耳式耳机 骨传导耳机", { feature: "主动降噪" }),
  find("骨传导耳机", "骨传导耳机"),
  find("充电宝", "移动电源"),
  find("移动电源 快充", "移动电源", { feature: "快充" }),
  find("机械键盘 红轴", "机械键盘", { spec: "红轴" }),
  find("智能手表", "智能手表"),
  find("电饭煲 4升", "电饭煲", { spec: "4升" }),
  find("空气炸锅", "空气炸锅"),
  find("扫地机器人", "扫地机器人"),
  find("吹风机", "电吹风"),
  find("负离子电吹风", "电吹风", { feature: "负离子" }),
  find("羽绒被", "羽绒被"),
  find("护眼台灯", "护眼台灯"),
  find("保温杯", "保温杯"),
  find("不粘炒锅", "炒锅", { feature: "不粘" }),
  find("洗衣液", "洗衣液"),
  find("法式连衣裙", "连衣裙", { feature: "法式" }),
  find("免烫衬衫", "衬衫", { feature: "免烫" }),
  find("跑鞋", "跑步鞋"),
  find("行李箱 24寸", "拉杆箱", { spec: "24寸" }),
  find("面膜", "面膜"),
  find("口红 正红色", "口红", { spec: "正红色" }),
  find("控油洗发水", "洗发水", { feature: "控油" }),
  find("每日坚果", "每日坚果"),
  find("普洱茶", "普洱茶"),
  find("红酒", "干红葡萄酒"),
  find("纯牛奶", "纯牛奶"),
  find("大闸蟹", "大闸蟹"),
  find("婴儿奶粉 三段", "婴儿奶粉", { spec: "三段" }),
  find("尿不湿", "纸尿裤"),
  find("积木", "积木"),
  find("瑜伽垫", "瑜伽垫"),
  find("帐篷", "帐篷"),
  find("书包", "书包 护脊书包"),
  find("猫粮", "猫粮"),
  find("行车记录仪", "行车记录仪"),
  find("bluetooth earphones", "蓝牙耳机"),
  find("noise cancelling headphones", "头戴式耳机 入耳式耳机 骨传导耳机 蓝牙耳机", { feature: "主动降噪" }),
  find("power bank", "移动电源"),
  find("mechanical keyboard", "机械键盘"),
  find("rice cooker", "电饭煲"),
  find("robot vacuum", "扫地机器人"),
  find("desk lamp", "护眼台灯"),
  find("non-stick wok", "炒锅", { feature: "不粘" }),
  find("running shoes", "跑步鞋"),
  find("black sesame paste", "黑芝麻糊"),
  find("jasmine tea", "茉莉花茶"),
  find("craft beer", "精酿啤酒"),
  find("diapers", "纸尿裤"),
  find("yoga mat", "瑜伽垫"),
  find("cat food", "猫粮"),
  find("dash cam", "行车记录仪"),
];

export const isRelevant = (wanted: Judged, parts: ProductParts): boolean =>
  wanted.nouns.includes(parts.noun) &&
  (wanted.feature === undefined || parts.features.includes(wanted.feature)) &&
  (wanted.spec === undefined || parts.spec === wanted.spec);
