/** Every text of the page, in both languages. */
export const languages = ["zh", "en"] as const;
export type Language = (typeof languages)[number];

const words = {
  shop: ["云集", "Mallstack"],
  tagline: ["好物云集，放心选购", "Good things, plainly sold"],
  search: ["搜索商品、品牌或商家", "Search products, brands, shops"],
  searchButton: ["搜索", "Search"],
  home: ["首页", "Home"],
  cart: ["购物车", "Cart"],
  orders: ["我的订单", "My orders"],
  sales: ["商家销售", "Sales"],
  account: ["账户", "Account"],
  signIn: ["登录", "Sign in"],
  signOut: ["退出登录", "Sign out"],
  otherLanguage: ["English", "中文"],
  allCategories: ["全部分类", "All categories"],
  categories: ["分类", "Categories"],
  results: ["件商品", "products"],
  resultsFor: ["的搜索结果", "results for"],
  nothing: ["没有找到相关商品，换个词试试。", "Nothing was found. Try other words."],
  degraded: [
    "搜索暂时不可用，先看看这些商品。",
    "Search is away for a moment. Here are some products meanwhile.",
  ],
  filters: ["筛选", "Filters"],
  price: ["价格", "Price"],
  low: ["最低价（元）", "Lowest (¥)"],
  high: ["最高价（元）", "Highest (¥)"],
  apply: ["确定", "Apply"],
  clear: ["清除筛选", "Clear filters"],
  inStock: ["仅看有货", "Only in stock"],
  sort: ["排序", "Sort"],
  relevance: ["综合", "Best match"],
  sold: ["销量优先", "Bestselling"],
  priceUp: ["价格从低到高", "Price, low to high"],
  priceDown: ["价格从高到低", "Price, high to low"],
  merchants: ["商家", "Shops"],
  previous: ["上一页", "Previous"],
  next: ["下一页", "Next"],
  page: ["第", "Page"],
  soldUnits: ["已售", "sold"],
  left: ["库存", "in stock"],
  soldOut: ["已售罄", "Sold out"],
  addToCart: ["加入购物车", "Add to cart"],
  added: ["已加入购物车", "Added to the cart"],
  buyNow: ["立即购买", "Buy now"],
  shipsFrom: ["发货地", "Ships from"],
  spec: ["规格", "Specification"],
  features: ["特点", "Features"],
  seller: ["商家", "Sold by"],
  quantity: ["数量", "Quantity"],
  less: ["减少", "Less"],
  more: ["增加", "More"],
  remove: ["移除", "Remove"],
  total: ["合计", "Total"],
  checkOut: ["提交订单", "Place order"],
  checkingOut: ["正在提交…", "Placing …"],
  emptyCart: ["购物车还是空的。", "Your cart is empty."],
  lookAround: ["去逛逛", "Look around"],
  noOrders: ["还没有订单。", "No orders yet."],
  orderPlaced: ["下单成功", "Thank you, your order is placed"],
  orderNumber: ["订单号", "Order"],
  paid: ["已支付", "Paid"],
  cancelled: ["已取消", "Cancelled"],
  cancel: ["取消订单", "Cancel order"],
  signInFirst: ["请先登录。", "Please sign in first."],
  asConsumer: ["以顾客身份登录", "As a customer"],
  asMerchant: ["以商家身份登录", "As a merchant"],
  consumerNumber: ["顾客编号", "Customer number"],
  merchantNumber: ["商家编号", "Merchant number"],
  sampleNote: [
    "这是示例商城，没有密码：任选一个生成的账户编号即可。",
    "This is a sample shop without passwords: choose any of its generated accounts.",
  ],
  noSuchAccount: ["没有这个编号。", "There is no such account."],
  hello: ["您好，", "Hello, "],
  salesTitle: ["近 30 个营业日", "The last 30 days with orders"],
  revenue: ["销售额", "Revenue"],
  orderCount: ["订单", "Orders"],
  unitCount: ["件数", "Units"],
  commission: ["平台佣金", "Commission"],
  day: ["日期", "Day"],
  best: ["热销商品", "Bestsellers"],
  table: ["每日明细", "Day by day"],
  busy: ["系统繁忙，请稍后再试。", "That did not work just now. Please try again."],
  tryAgain: ["重试", "Try again"],
  notFound: ["没有这个页面。", "There is no such page."],
  noProduct: ["没有这件商品。", "There is no such product."],
  priceChanged: [
    "有商品价格已变动，请确认后再次提交。",
    "A price has changed. Please look again and confirm.",
  ],
  someSoldOut: ["有商品库存不足，请减少数量。", "There are not enough of one product. Please take fewer."],
  skip: ["跳到正文", "Skip to content"],
  loading: ["加载中…", "Loading …"],
} as const;

export type Word = keyof typeof words;

export const say = (language: Language, word: Word): string => words[word][language === "zh" ? 0 : 1];

/** `¥1,234.50` */
export const yuan = (cents: number): string =>
  `¥${(cents / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** Large numbers as each language shortens them: 1.2万, 12k. */
export function short(count: number, language: Language): string {
  if (language === "zh") return count >= 10_000 ? `${Math.round(count / 1_000) / 10}万` : String(count);
  return count >= 10_000 ? `${Math.round(count / 1_000)}k` : count.toLocaleString("en");
}
