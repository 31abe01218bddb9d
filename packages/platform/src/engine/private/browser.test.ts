import { expect, test } from "vitest";
import { fontsConfig } from "./browser.ts";
import { belongsToBrowser } from "./recipe.ts";

test("of what a browser leans on, libraries and fonts are unpacked, and nothing that every Debian has", () => {
  for (const name of [
    "chromium",
    "chromium-common",
    "fonts-wqy-microhei",
    "libnss3",
    "libgtk-3-0",
    "xkb-data",
  ])
    expect(belongsToBrowser(name), name).toBe(true);
  for (const name of ["libc6", "libgcc-s1", "libllvm15", "libgl1-mesa-dri", "perl-base", "systemd", "dpkg"])
    expect(belongsToBrowser(name), name).toBe(false);
});

test("a page is drawn with the unpacked fonts alone, Chinese in each family", () => {
  const config = fontsConfig("/state/tools/browser");
  expect(config).toContain("<dir>/state/tools/browser/usr/share/fonts</dir>");
  expect(config.match(/<dir>/g)).toHaveLength(1);
  expect(config.match(/WenQuanYi Micro Hei/g)).toHaveLength(4);
});
