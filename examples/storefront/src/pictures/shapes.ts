/**
 * One drawing a category, in a square of 100: SVG shapes whose fills are `a` (main), `b` (shade), `c` (accent) and `w`
 * (white). Keyed by the category's Chinese name.
 */
export const shapes: Readonly<Record<string, string>> = {
  耳机: '<path d="M18 58a32 32 0 0 1 64 0" fill="none" stroke="b" stroke-width="8"/><rect x="10" y="52" width="20" height="32" rx="9" fill="a"/><rect x="70" y="52" width="20" height="32" rx="9" fill="a"/><rect x="24" y="56" width="7" height="24" rx="3" fill="c"/><rect x="69" y="56" width="7" height="24" rx="3" fill="c"/>',
  充电设备:
    '<rect x="20" y="22" width="60" height="62" rx="12" fill="a"/><rect x="38" y="12" width="24" height="12" rx="4" fill="b"/><path d="M54 34 38 58h12l-4 18 18-26H51z" fill="c"/>',
  键鼠外设:
    '<rect x="8" y="38" width="84" height="40" rx="8" fill="a"/><g fill="w"><rect x="15" y="45" width="9" height="8" rx="2"/><rect x="28" y="45" width="9" height="8" rx="2"/><rect x="41" y="45" width="9" height="8" rx="2"/><rect x="54" y="45" width="9" height="8" rx="2"/><rect x="67" y="45" width="18" height="8" rx="2"/><rect x="15" y="57" width="14" height="8" rx="2"/><rect x="33" y="57" width="9" height="8" rx="2"/><rect x="46" y="57" width="9" height="8" rx="2"/><rect x="59" y="57" width="9" height="8" rx="2"/></g><rect x="72" y="57" width="13" height="8" rx="2" fill="c"/><rect x="28" y="68" width="40" height="6" rx="2" fill="c"/><path d="M50 38c0-14 18-8 18-22" fill="none" stroke="b" stroke-width="4"/>',
  智能穿戴:
    '<rect x="36" y="6" width="28" height="88" rx="8" fill="b"/><rect x="24" y="26" width="52" height="50" rx="14" fill="a"/><rect x="31" y="33" width="38" height="36" rx="8" fill="w"/><path d="M33 52h9l4-9 7 17 4-8h10" fill="none" stroke="c" stroke-width="4"/>',
  厨房电器:
    '<path d="M16 44h68v22a22 22 0 0 1-22 22H38a22 22 0 0 1-22-22z" fill="a"/><path d="M18 42a32 22 0 0 1 64 0z" fill="b"/><rect x="42" y="12" width="16" height="10" rx="4" fill="c"/><rect x="36" y="54" width="28" height="18" rx="5" fill="w"/><circle cx="50" cy="63" r="5" fill="c"/>',
  生活电器:
    '<circle cx="50" cy="50" r="40" fill="a"/><circle cx="50" cy="50" r="30" fill="w"/><circle cx="50" cy="50" r="17" fill="b"/><circle cx="50" cy="50" r="7" fill="c"/><path d="M22 26a36 36 0 0 1 56 0" fill="none" stroke="c" stroke-width="5"/>',
  个护电器:
    '<circle cx="40" cy="36" r="26" fill="a"/><path d="M62 24l28-6v36l-28-6z" fill="b"/><path d="M34 58h18l6 34H40z" fill="a"/><circle cx="40" cy="36" r="13" fill="w"/><circle cx="40" cy="36" r="6" fill="c"/>',
  床上用品:
    '<rect x="10" y="24" width="80" height="30" rx="8" fill="b"/><rect x="18" y="32" width="28" height="18" rx="7" fill="w"/><rect x="54" y="32" width="28" height="18" rx="7" fill="w"/><rect x="8" y="48" width="84" height="30" rx="8" fill="a"/><path d="M8 58h84" stroke="c" stroke-width="5"/><rect x="14" y="78" width="7" height="10" fill="b"/><rect x="79" y="78" width="7" height="10" fill="b"/>',
  收纳整理:
    '<path d="M14 38h72v44a6 6 0 0 1-6 6H20a6 6 0 0 1-6-6z" fill="a"/><rect x="8" y="24" width="84" height="16" rx="5" fill="b"/><rect x="36" y="52" width="28" height="12" rx="6" fill="w"/><rect x="42" y="56" width="16" height="4" rx="2" fill="c"/>',
  灯具: '<path d="M34 14h32l16 36H18z" fill="a"/><path d="M26 50h48l10 22H16z" fill="c" opacity=".35"/><rect x="46" y="50" width="8" height="34" fill="b"/><rect x="28" y="82" width="44" height="8" rx="4" fill="b"/><circle cx="50" cy="53" r="7" fill="w"/>',
  杯壶: '<path d="M20 28h50v40a18 18 0 0 1-18 18H38a18 18 0 0 1-18-18z" fill="a"/><path d="M70 38h8a12 12 0 0 1 0 26h-8" fill="none" stroke="b" stroke-width="7"/><rect x="20" y="40" width="50" height="10" fill="w"/><path d="M34 10c-6 7 6 7 0 14M50 8c-6 7 6 9 0 16" fill="none" stroke="c" stroke-width="4"/>',
  锅具: '<circle cx="40" cy="54" r="32" fill="b"/><circle cx="40" cy="54" r="25" fill="a"/><circle cx="40" cy="54" r="16" fill="w" opacity=".35"/><rect x="66" y="26" width="34" height="11" rx="5" fill="c" transform="rotate(-35 66 32)"/>',
  清洁用品:
    '<path d="M36 40h30l8 14v30a6 6 0 0 1-6 6H34a6 6 0 0 1-6-6V54z" fill="a"/><rect x="42" y="24" width="18" height="18" fill="b"/><path d="M38 10h26l12 8-12 8H38z" fill="c"/><rect x="36" y="58" width="30" height="18" rx="4" fill="w"/><g fill="c"><circle cx="22" cy="14" r="3"/><circle cx="14" cy="20" r="3"/><circle cx="22" cy="26" r="3"/></g>',
  女装: '<path d="M38 10l12 10 12-10 6 6-8 24 20 46a40 16 0 0 1-60 0l20-46-8-24z" fill="a"/><path d="M40 38h20l2 6H38z" fill="c"/><path d="M34 78l6-24M50 82V52M66 78l-6-24" stroke="b" stroke-width="3"/>',
  男装: '<path d="M34 14l-24 14 10 20 10-5v45h40V43l10 5 10-20-24-14-8 8H42z" fill="a"/><path d="M42 14l8 14 8-14z" fill="w"/><path d="M50 28v60" stroke="b" stroke-width="3"/><g fill="c"><circle cx="54" cy="42" r="2.5"/><circle cx="54" cy="56" r="2.5"/><circle cx="54" cy="70" r="2.5"/></g>',
  童装: '<path d="M36 18L18 30l8 16 8-4v26l8 20h16l8-20V42l8 4 8-16-18-12a14 12 0 0 1-28 0z" fill="a"/><circle cx="50" cy="52" r="11" fill="w"/><path d="M50 45l2 5 5 .4-4 3.4 1.400 5-4.400-2.800-4.400 2.800 1.400-5-4-3.400 5-.4z" fill="c"/>',
  内衣袜品:
    '<path d="M36 10h26v40l18 16a13 13 0 0 1-18 19L40 66a12 12 0 0 1-4-9z" fill="a"/><rect x="36" y="10" width="26" height="13" fill="c"/><path d="M36 32h26M36 40h26" stroke="w" stroke-width="4"/><path d="M66 88a13 13 0 0 0 14-22l-6-5-14 20z" fill="b"/>',
  运动鞋:
    '<path d="M8 40l14-4c6 10 16 6 20-6l22 22c10 6 26 6 28 18v8H8z" fill="a"/><path d="M6 76h88v4a6 6 0 0 1-6 6H12a6 6 0 0 1-6-6z" fill="b"/><path d="M44 42l-8 8M52 49l-8 8M60 56l-8 7" stroke="w" stroke-width="4"/><path d="M12 62c14 4 30 4 44 12" fill="none" stroke="c" stroke-width="6"/>',
  皮鞋: '<path d="M14 30h26c2 14 14 20 28 24 14 4 22 8 22 18H14z" fill="a"/><path d="M12 72h80v6H34v8H12z" fill="b"/><path d="M40 32c0 10-12 12-26 12" fill="none" stroke="c" stroke-width="4"/><path d="M68 54c-2 8 0 14 4 18" fill="none" stroke="w" stroke-width="3"/>',
  箱包: '<rect x="22" y="28" width="56" height="58" rx="10" fill="a"/><path d="M40 28V12h20v16" fill="none" stroke="b" stroke-width="6"/><path d="M36 28v58M64 28v58" stroke="b" stroke-width="4"/><rect x="42" y="46" width="16" height="12" rx="3" fill="c"/><circle cx="34" cy="90" r="5" fill="b"/><circle cx="66" cy="90" r="5" fill="b"/>',
  护肤: '<rect x="24" y="40" width="52" height="48" rx="12" fill="a"/><rect x="40" y="26" width="20" height="16" fill="b"/><path d="M46 26V14h-16v6" fill="none" stroke="c" stroke-width="6"/><rect x="33" y="54" width="34" height="20" rx="5" fill="w"/><path d="M50 56c8 9 4 15 0 15s-8-6 0-15" fill="c"/>',
  彩妆: '<rect x="34" y="50" width="32" height="40" rx="4" fill="b"/><rect x="38" y="36" width="24" height="18" fill="w"/><path d="M41 38V22l18-12v28z" fill="a"/><rect x="34" y="62" width="32" height="6" fill="c"/>',
  洗护: '<path d="M30 36h40l4 10v38a6 6 0 0 1-6 6H32a6 6 0 0 1-6-6V46z" fill="a"/><rect x="42" y="22" width="16" height="14" fill="b"/><rect x="34" y="12" width="32" height="10" rx="4" fill="c"/><rect x="33" y="50" width="34" height="28" rx="6" fill="w"/><path d="M40 64c6-8 14 8 20 0" fill="none" stroke="c" stroke-width="4"/>',
  坚果零食:
    '<path d="M24 44h52c4 26-10 44-26 50-16-6-30-24-26-50z" fill="a"/><path d="M18 44a32 22 0 0 1 64 0 4 4 0 0 1-4 6H22a4 4 0 0 1-4-6z" fill="b"/><path d="M50 22c0-8 4-12 8-14" fill="none" stroke="b" stroke-width="5"/><path d="M36 58c0 10 4 18 8 22" fill="none" stroke="w" stroke-width="4"/>',
  茶叶: '<path d="M50 90C20 70 20 34 50 8c30 26 30 62 0 82z" fill="a"/><path d="M50 20v74" stroke="b" stroke-width="4"/><path d="M50 44l15-12M50 44L35 32M50 62l16-13M50 62L34 49" stroke="w" stroke-width="3"/>',
  粮油调味:
    '<path d="M24 30h52l8 48a10 10 0 0 1-10 12H26a10 10 0 0 1-10-12z" fill="a"/><path d="M28 16h44l-6 14H34z" fill="b"/><rect x="34" y="30" width="32" height="5" fill="c"/><circle cx="50" cy="62" r="17" fill="w"/><path d="M50 76V52M50 60l8-7M50 60l-8-7M50 68l8-7M50 68l-8-7" stroke="c" stroke-width="3"/>',
  酒水: '<path d="M22 8h14v22c10 6 10 14 10 22v32a6 6 0 0 1-6 6H18a6 6 0 0 1-6-6V52c0-8 0-16 10-22z" fill="a"/><rect x="12" y="56" width="34" height="20" fill="w"/><rect x="20" y="6" width="18" height="10" rx="3" fill="c"/><path d="M58 40h32c2 20-6 28-13 29v15h10v6H61v-6h10V69c-7-1-15-9-13-29z" fill="b"/><path d="M60 50h28c0 12-8 15-14 15s-14-3-14-15" fill="c"/>',
  乳品冲饮:
    '<path d="M28 34l12-16h24l10 16v54H28z" fill="a"/><path d="M40 18l-12 16h36l10-16z" fill="b" opacity=".5"/><rect x="40" y="8" width="24" height="10" fill="b"/><rect x="28" y="46" width="46" height="24" fill="w"/><path d="M28 62c10-8 16 6 26 0s14-4 20-2v10H28z" fill="c"/>',
  水果: '<path d="M50 34c12-12 38-6 34 22-2 20-18 36-34 30-16 6-32-10-34-30-4-28 22-34 34-22z" fill="a"/><path d="M50 34c-2-10 2-18 8-24" fill="none" stroke="b" stroke-width="5"/><path d="M58 22c6-12 18-12 24-10-2 10-12 16-24 10z" fill="c"/><path d="M28 50c0-8 6-12 10-12" fill="none" stroke="w" stroke-width="5"/>',
  海鲜肉类:
    '<path d="M10 50c14-26 46-28 62-6l18-14c-4 14-4 26 0 40L72 56c-16 22-48 20-62-6z" fill="a"/><circle cx="27" cy="46" r="4" fill="w"/><path d="M40 36c6 10 6 18 0 28M54 36c5 10 5 18 0 28" fill="none" stroke="b" stroke-width="4"/><path d="M46 30l12-12 6 16z" fill="c"/>',
  奶粉辅食:
    '<rect x="22" y="22" width="56" height="68" rx="10" fill="a"/><rect x="18" y="14" width="64" height="14" rx="6" fill="b"/><circle cx="50" cy="56" r="20" fill="w"/><circle cx="43" cy="53" r="3" fill="b"/><circle cx="57" cy="53" r="3" fill="b"/><path d="M41 61c5 7 13 7 18 0" fill="none" stroke="c" stroke-width="4"/>',
  纸尿裤湿巾:
    '<path d="M10 26h80v16C72 46 64 60 62 84H38C36 60 28 46 10 42z" fill="a"/><rect x="10" y="26" width="80" height="9" fill="c"/><path d="M24 44c10 6 14 18 15 30M76 44c-10 6-14 18-15 30" fill="none" stroke="w" stroke-width="4"/>',
  玩具: '<rect x="10" y="52" width="38" height="36" rx="5" fill="a"/><rect x="52" y="52" width="38" height="36" rx="5" fill="b"/><path d="M50 10l22 38H28z" fill="c"/><circle cx="29" cy="70" r="9" fill="w"/><rect x="63" y="62" width="16" height="16" fill="w"/>',
  健身器材:
    '<rect x="26" y="45" width="48" height="10" fill="b"/><rect x="18" y="26" width="14" height="48" rx="5" fill="a"/><rect x="68" y="26" width="14" height="48" rx="5" fill="a"/><rect x="6" y="34" width="10" height="32" rx="4" fill="c"/><rect x="84" y="34" width="10" height="32" rx="4" fill="c"/>',
  户外装备:
    '<path d="M50 16L92 84H8z" fill="a"/><path d="M50 16L64 84H36z" fill="b"/><path d="M50 44l10 40H40z" fill="c"/><path d="M50 16V6M4 84h92" stroke="b" stroke-width="4"/>',
  球类: '<circle cx="50" cy="50" r="40" fill="a"/><path d="M10 50h80M50 10v80M20 22c20 16 20 40 0 56M80 22c-20 16-20 40 0 56" fill="none" stroke="b" stroke-width="4"/><path d="M28 24a34 34 0 0 1 18-8" fill="none" stroke="w" stroke-width="5"/>',
  办公文具:
    '<rect x="18" y="12" width="50" height="76" rx="6" fill="a"/><path d="M30 30h26M30 42h26M30 54h18" stroke="w" stroke-width="5"/><path d="M84 18l10 8-30 42-12 6 2-14z" fill="c"/><path d="M54 60l10 8-12 6z" fill="b"/><path d="M18 26h-6M18 44h-6M18 62h-6" stroke="b" stroke-width="5"/>',
  学生用品:
    '<path d="M22 40a28 28 0 0 1 56 0v42a8 8 0 0 1-8 8H30a8 8 0 0 1-8-8z" fill="a"/><path d="M40 16a10 10 0 0 1 20 0" fill="none" stroke="b" stroke-width="5"/><rect x="32" y="54" width="36" height="24" rx="6" fill="b"/><rect x="32" y="60" width="36" height="4" fill="c"/><rect x="38" y="34" width="24" height="10" rx="5" fill="w"/><rect x="14" y="54" width="8" height="26" rx="4" fill="b"/><rect x="78" y="54" width="8" height="26" rx="4" fill="b"/>',
  宠物用品:
    '<path d="M50 46c16 0 30 20 24 34-5 10-16 4-24 4s-19 6-24-4c-6-14 8-34 24-34z" fill="a"/><ellipse cx="22" cy="44" rx="9" ry="12" fill="b"/><ellipse cx="40" cy="26" rx="9" ry="13" fill="a"/><ellipse cx="60" cy="26" rx="9" ry="13" fill="a"/><ellipse cx="78" cy="44" rx="9" ry="12" fill="b"/><path d="M42 64c4 8 12 8 16 0" fill="none" stroke="c" stroke-width="4"/>',
  汽车用品:
    '<path d="M8 62c0-8 4-12 12-14l8-18c2-4 6-6 10-6h24c4 0 8 2 10 6l8 18c8 2 12 6 12 14v14H8z" fill="a"/><path d="M34 32h14v16H27zM53 32h12l8 16H53z" fill="w"/><circle cx="26" cy="76" r="11" fill="b"/><circle cx="74" cy="76" r="11" fill="b"/><circle cx="26" cy="76" r="4" fill="c"/><circle cx="74" cy="76" r="4" fill="c"/>',
};
