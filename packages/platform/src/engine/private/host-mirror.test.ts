import { expect, test } from "vitest";
import { mirrorIn } from "./host-mirror.ts";

const deb822 = `Types: deb
# http://commented.example/debian
URIs: https://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: https://mirror.example/debian-security
`;

test("the host's own mirror is found in both formats of apt's sources", () => {
  expect(mirrorIn([deb822], "debian")).toBe("https://mirror.example/debian");
  expect(mirrorIn(["deb [signed-by=/k.gpg] http://m.example/debian sid main\n"], "debian")).toBe(
    "http://m.example/debian",
  );
  expect(mirrorIn(["deb http://p.example/ubuntu-ports noble main\n"], "ubuntu")).toBe(
    "http://p.example/ubuntu-ports",
  );
});

test("another vendor's list, a commented line or a disk is no mirror of the distribution", () => {
  expect(mirrorIn(["deb https://tools.example/apt stable main\n"], "debian")).toBeUndefined();
  expect(
    mirrorIn(["# deb http://m.example/debian sid main\n", "deb cdrom:[x]/ sid main"], "debian"),
  ).toBeUndefined();
  expect(mirrorIn([deb822], "ubuntu")).toBeUndefined();
});
