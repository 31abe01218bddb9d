import { describe, expect, it } from "vitest";
import { sourceCandidates } from "./base-root.ts";

const lines = (...args: Parameters<typeof sourceCandidates>) =>
  sourceCandidates(...args).map(({ line }) => line);

describe("sourceCandidates", () => {
  it("takes security updates from beside the mirror, by Debian's convention", () => {
    expect(lines("bullseye", "https://mirrors.example/debian")).toEqual([
      "deb https://mirrors.example/debian bullseye main",
      "deb https://mirrors.example/debian bullseye-updates main",
      "deb https://mirrors.example/debian-security bullseye-security main",
    ]);
  });
  it("asks no mirror for security that has no place for it", () => {
    expect(lines("bullseye", "https://debian.example/x")).toHaveLength(2);
  });
  it("knows that sid is one source", () => {
    expect(lines("sid", "http://m/debian")).toEqual(["deb http://m/debian sid main"]);
  });
  it("requires only the suite itself", () => {
    expect(sourceCandidates("trixie", "http://m/debian").map(({ required }) => required)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
