/** English for the words of vocabulary.ts: by category, each list in the order of its Chinese one. */

export interface EnglishCategory {
  readonly name: string;
  readonly nouns: readonly string[];
  readonly features: readonly string[];
}

const list = (text: string): readonly string[] => text.split("|");
const of = (name: string, nouns: string, features: string): EnglishCategory => ({
  name,
  nouns: list(nouns),
  features: list(features),
});

export const englishCategories: Readonly<Record<string, EnglishCategory>> = {
  耳机: of(
    "Headphones",
    "Bluetooth earphones|over-ear headphones|in-ear headphones|bone conduction headphones",
    "noise cancelling|long battery life|low latency|high resolution|sports waterproof|dual connection",
  ),
  充电设备: of(
    "Chargers",
    "GaN charger|power bank|wireless charging pad|data cable",
    "fast charging|large capacity|foldable portable|built-in cable|multi-port|smart temperature control",
  ),
  键鼠外设: of(
    "Keyboards and mice",
    "mechanical keyboard|silent mouse|gaming mouse|drawing tablet",
    "triple mode|hot-swappable|programmable|ergonomic|full anti-ghosting",
  ),
  智能穿戴: of(
    "Wearables",
    "smart watch|fitness band|kids phone watch",
    "blood oxygen|heart rate|BeiDou positioning|long battery life|50 m waterproof",
  ),
  厨房电器: of(
    "Kitchen appliances",
    "rice cooker|air fryer|high-speed blender|induction cooker|soymilk maker|steam oven",
    "smart timer|window|large capacity|quiet|one-touch cleaning|surround heating",
  ),
  生活电器: of(
    "Home appliances",
    "robot vacuum|vacuum cleaner|humidifier|air purifier|garment steamer",
    "silent|strong suction|self-cleaning|sterilising|mist-free|no consumables",
  ),
  个护电器: of(
    "Personal care appliances",
    "hair dryer|electric toothbrush|shaver|hair straightener|facial device",
    "negative ion|high speed|sonic|constant temperature|fully washable|travel",
  ),
  床上用品: of(
    "Bedding",
    "bedding set|silk quilt|down duvet|latex pillow|cooling mat|blanket",
    "cotton|brushed|antibacterial|skin-friendly|long-staple cotton|machine washable",
  ),
  收纳整理: of(
    "Storage",
    "storage box|vacuum bags|hangers|shelf|drawer dividers",
    "thick|foldable|wheeled|transparent|drill-free|dustproof",
  ),
  灯具: of(
    "Lamps",
    "desk lamp|ceiling lamp|floor lamp|night light",
    "flicker-free|three-level dimming|smart sensing|full spectrum|remote control",
  ),
  杯壶: of(
    "Drinkware",
    "thermos cup|food flask|glass cup|teapot|coffee mug",
    "316 stainless steel|vacuum|wide mouth|leakproof|heat-resistant|handmade",
  ),
  锅具: of(
    "Cookware",
    "wok|stockpot|frying pan|clay pot|milk pan",
    "non-stick|low smoke|cast iron|layered base|stone coating|induction ready",
  ),
  清洁用品: of(
    "Cleaning",
    "laundry liquid|dish soap|mop|bin bags|anti-mite spray",
    "concentrated|stain removing|plant based|long-lasting scent|thick|hands-free",
  ),
  女装: of(
    "Women's clothing",
    "dress|blouse|knitted sweater|skirt|trench coat|wide-leg trousers",
    "French style|slim look|high waist|office|vintage|mulberry silk|wool blend",
  ),
  男装: of(
    "Men's clothing",
    "shirt|casual trousers|jacket|down jacket|T-shirt|suit",
    "wrinkle-free|slim fit|business|stretch|pure cotton|windproof",
  ),
  童装: of(
    "Children's clothing",
    "romper|hoodie|sports set|princess dress|sun jacket",
    "pure cotton|seamless|skin-friendly|fleece|quick-dry",
  ),
  内衣袜品: of(
    "Underwear and socks",
    "thermal underwear|loungewear|no-show socks|crew socks|seamless briefs",
    "modal|German fleece|antibacterial|breathable|self-heating",
  ),
  运动鞋: of(
    "Sports shoes",
    "running shoes|basketball shoes|casual shoes|hiking shoes",
    "carbon plate|cushioned|breathable|non-slip|lightweight|hard-wearing",
  ),
  皮鞋: of(
    "Leather shoes",
    "business shoes|loafers|ankle boots|oxford shoes",
    "full-grain leather|soft sole|breathable|handmade|height increasing",
  ),
  箱包: of(
    "Bags and luggage",
    "backpack|suitcase|shoulder bag|travel bag|briefcase",
    "large capacity|water-repellent|shock-absorbing wheels|light|wet-dry separation",
  ),
  护肤: of(
    "Skin care",
    "face cream|serum|toner|face mask|eye cream|facial cleanser",
    "moisturising|hyaluronic acid|niacinamide|soothing|amino acid|sensitive skin",
  ),
  彩妆: of(
    "Make-up",
    "lipstick|foundation|eyeshadow palette|eyebrow pencil|loose powder",
    "matte|long-wear|non-fading|velvet|fine|waterproof",
  ),
  洗护: of(
    "Hair and body",
    "shampoo|conditioner|shower gel|body lotion|hand cream",
    "oil control|volumising|silicone-free|lasting scent|nourishing|ginger",
  ),
  坚果零食: of(
    "Nuts and snacks",
    "mixed nuts|pistachios|pecans|beef jerky|pork jerky|seaweed",
    "original|low sugar|small packs|hand-torn|lightly roasted|spicy",
  ),
  茶叶: of(
    "Tea",
    "Longjing tea|Pu'er tea|Dahongpao tea|jasmine tea|Tieguanyin tea|white tea",
    "early spring|premium|ancient tree|hand-fired|high mountain|light aroma",
  ),
  粮油调味: of(
    "Grain, oil and spices",
    "Northeast rice|rapeseed oil|soy sauce|millet|Sichuan pepper|flour",
    "organic|new season|cold-pressed|additive-free|stone-ground|first press",
  ),
  酒水: of(
    "Wine and spirits",
    "baijiu|yellow wine|dry red wine|craft beer|rice wine|fruit wine",
    "pure grain|aged|cellar|original brew|low alcohol|tipsy",
  ),
  乳品冲饮: of(
    "Dairy and drinks",
    "pure milk|yoghurt|oatmeal|black sesame paste|coffee powder|honey",
    "high calcium|sugar-free|organic|cold brew|ready-to-eat|additive-free",
  ),
  水果: of(
    "Fruit",
    "apples|navel oranges|cherries|kiwifruit|mangoes|blueberries",
    "direct from farm|in season|fresh-picked|crisp sweet|selected|cold shipped",
  ),
  海鲜肉类: of(
    "Seafood and meat",
    "steak|hairy crab|salmon|shrimp|lamb chops|chicken breast",
    "original cut|live|deep sea|deveined|grass-fed|quick-frozen",
  ),
  奶粉辅食: of(
    "Baby food",
    "infant formula|rice cereal|fruit puree|teething biscuits|walnut oil",
    "lactoferrin|iron fortified|additive-free|organic|probiotic",
  ),
  纸尿裤湿巾: of(
    "Nappies and wipes",
    "nappies|pull-up pants|baby wipes|changing pads|cotton tissues",
    "ultra-thin|dry|soft|hand and mouth|thick",
  ),
  玩具: of(
    "Toys",
    "building blocks|jigsaw puzzle|remote control car|plush toy|learning machine|track car",
    "large pieces|wooden|magnetic|educational|washable|bilingual",
  ),
  健身器材: of(
    "Fitness",
    "yoga mat|dumbbells|skipping rope|rowing machine|spin bike|resistance band",
    "non-slip|quiet|adjustable|cordless|widened|magnetic",
  ),
  户外装备: of(
    "Outdoor gear",
    "tent|sleeping bag|trekking pole|folding chair|camping lantern|shell jacket",
    "automatic|stormproof|lightweight|warm|carbon fibre|three-in-one",
  ),
  球类: of(
    "Ball sports",
    "basketball|football|badminton racket|table tennis bat|tennis racket",
    "durable|soft leather|full carbon|training|match grade|pair",
  ),
  办公文具: of(
    "Office supplies",
    "gel pens|notebook|folder|calculator|stapler|sticky notes",
    "quick-dry|smooth|thick|leather cover|effortless|frosted",
  ),
  学生用品: of(
    "School supplies",
    "school bag|pencil case|watercolour pens|reading pen|copybook|spine-care school bag",
    "light-load|large capacity|washable|reflective|double strap|cartoon",
  ),
  宠物用品: of(
    "Pet supplies",
    "cat food|dog food|cat litter|pet bed|leash|pet water fountain",
    "grain-free|freeze-dried|deodorising|removable|reflective|circulating filter",
  ),
  汽车用品: of(
    "Car accessories",
    "dash cam|car vacuum cleaner|seat covers|floor mats|windscreen washer|car fragrance",
    "HD night vision|all-season|full cover|wireless|no-install|coating",
  ),
};

export const englishGroups: Readonly<Record<string, string>> = {
  数码: "Digital",
  家电: "Appliances",
  家居: "Home",
  服饰: "Clothing",
  鞋包: "Shoes and bags",
  美妆: "Beauty",
  食品: "Food",
  生鲜: "Fresh food",
  母婴: "Mother and baby",
  运动: "Sports",
  文具: "Stationery",
  宠物: "Pets",
  汽车: "Cars",
};

const pairs = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(text.split(" ").map((pair) => pair.split("=") as [string, string]));

/** Characters of brands, in pinyin. */
export const brandSyllables = pairs(
  "云=yun 禾=he 木=mu 星=xing 岚=lan 清=qing 南=nan 北=bei 青=qing 白=bai 知=zhi 和=he 素=su 拾=shi 半=ban 里=li 原=yuan 山=shan 竹=zhu 晴=qing 麦=mai 初=chu 屿=yu 鹿=lu 语=yu 野=ye 舍=she 作=zuo 品=pin 舟=zhou 谷=gu 川=chuan 屋=wu 然=ran 朴=pu 光=guang 集=ji 物=wu 印=yin 研=yan 述=shu",
);

export const englishShopKinds = pairs(
  "旗舰店=Flagship_Store 专营店=Specialist_Store 专卖店=Exclusive_Store 工厂店=Factory_Store 自营店=Own_Store 优选店=Select_Store",
);

export const englishCities = pairs(
  "北京=Beijing 上海=Shanghai 广州=Guangzhou 深圳=Shenzhen 杭州=Hangzhou 成都=Chengdu 重庆=Chongqing 武汉=Wuhan 南京=Nanjing 西安=Xi'an 苏州=Suzhou 长沙=Changsha 郑州=Zhengzhou 青岛=Qingdao 宁波=Ningbo 东莞=Dongguan 佛山=Foshan 合肥=Hefei 福州=Fuzhou 厦门=Xiamen 济南=Jinan 沈阳=Shenyang 大连=Dalian 昆明=Kunming 南宁=Nanning 贵阳=Guiyang 哈尔滨=Harbin 长春=Changchun 石家庄=Shijiazhuang 太原=Taiyuan 兰州=Lanzhou 乌鲁木齐=Urumqi 义乌=Yiwu 温州=Wenzhou 泉州=Quanzhou 汕头=Shantou",
);

/** Whole specs; those of a number and a unit follow from {@link englishUnits}. */
export const englishSpecs = pairs(
  "曜石黑=obsidian_black 月光白=moonlight_white 深海蓝=deep-sea_blue 樱花粉=sakura_pink 青轴=blue_switch 红轴=red_switch 茶轴=brown_switch 石墨灰=graphite_grey 标准版=standard 尊享版=deluxe 黑色=black 银色=silver 橙色=orange 米白=off-white 浅灰=light_grey 升级款=upgraded 旗舰款=flagship 雅白=white 墨绿=dark_green 珊瑚粉=coral_pink 礼盒装=gift_box 小号=small 中号=medium 大号=large 加大号=extra_large 暖光=warm_light 白光=white_light 补充装=refill 家庭装=family_pack 小码=size_S 中码=size_M 大码=size_L 加大码=size_XL 均码=one_size 卡其色=khaki 卡其=khaki 军绿=army_green 豆沙色=bean_pink 正红色=true_red 自然色=natural 九色盘=nine_colours 罐装=tin 一段=stage_1 二段=stage_2 三段=stage_3 单人=one_person 双人=two_persons 三至四人=3–4_persons 五号球=size_5 七号球=size_7 单支=single 对拍=pair 套装=set A5=A5 B5=B5 一至三年级=grades_1–3 四至六年级=grades_4–6 三岁以上=age_3+ 六岁以上=age_6+ 小型犬=small_dogs 四季通用=all-season 前后双录=front_and_rear 单镜头=single_lens 五座=five_seats 七座=seven_seats",
);

/** Longer ones first where one ends in another. */
export const englishUnits: readonly (readonly [RegExp, (n: string) => string])[] = [
  [/^([\d.]+)米床$/, (n) => `${n} m bed`],
  [/^([\d.]+)毫安$/, (n) => `${n} mAh`],
  [/^([\d.]+)毫升$/, (n) => `${n} ml`],
  [/^([\d.]+)毫米$/, (n) => `${n} mm`],
  [/^([\d.]+)厘米$/, (n) => `${n} cm`],
  [/^([\d.]+)千克$/, (n) => `${n} kg`],
  [/^([\d.]+)克$/, (n) => `${n} g`],
  [/^([\d.]+)升$/, (n) => `${n} l`],
  [/^([\d.]+)瓦$/, (n) => `${n} W`],
  [/^([\d.]+)斤$/, (n) => `${Number(n) / 2} kg`],
  [/^([\d.]+)寸$/, (n) => `${n} inch`],
  [/^([\d.]+)键$/, (n) => `${n} keys`],
  [/^([\d.]+)码$/, (n) => `size ${n}`],
  [/^([\d.]+)色$/, (n) => `${n} colours`],
  [/^([\d.]+)(?:抽)$/, (n) => `${n} sheets`],
  [
    /^([\d.]+|[一二三四五六七八九十两])(?:片|件|支|只|本|双|瓶|盒|桶|包|袋|罐)装?$/,
    (n) => `pack of ${digits[n] ?? n}`,
  ],
];

const digits: Readonly<Record<string, string>> = {
  一: "1",
  两: "2",
  二: "2",
  三: "3",
  四: "4",
  五: "5",
  六: "6",
  七: "7",
  八: "8",
  九: "9",
  十: "10",
};

export const englishPraise: Readonly<Record<string, string>> = {
  "严选材料，用心做工": "selected materials, careful work",
  细节之处见品质: "quality in every detail",
  适合日常与送礼: "for every day and as a gift",
  "一年质保，七天无理由退换": "one year of warranty, returns within seven days",
  "产地直发，新鲜到家": "straight from its place of origin",
  "设计简约，百搭耐看": "plain design that goes with everything",
  老顾客回购的选择: "what customers come back for",
  支持开具发票: "with an invoice if you want one",
  下单后四十八小时内发货: "sent within 48 hours",
  "包装完整，运输有保障": "well packed for the journey",
};
