import { describe, expect, it } from "vitest";
import { aptConfig, mirrorFor, networkSettings, sourcesList } from "./apt.ts";

describe("networkSettings", () => {
  it("takes over how to reach the network, and no hook, source or cache of the host", () => {
    const dump = [
      'Acquire::http::Proxy "http://proxy:3128";',
      'Acquire::https::CaInfo "/etc/ssl/ca.pem";',
      'Acquire::http::User-Agent-Non-Interactive "true";',
      'APT::Update::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";',
      'Dir::Etc::sourcelist "sources.list";',
    ].join("\n");
    expect(networkSettings(dump)).toBe(
      'Acquire::http::Proxy "http://proxy:3128";\nAcquire::https::CaInfo "/etc/ssl/ca.pem";',
    );
  });
});

describe("aptConfig", () => {
  it("keeps every folder below its own and leaves signatures checked", () => {
    const config = aptConfig("/state/apt", "amd64", "");
    expect(config).toContain('Dir "/state/apt/";');
    expect(config).not.toMatch(/AllowInsecure|Unauthenticated|trusted=yes/i);
  });
});

describe("sourcesList", () => {
  it("names the keyring on each line, once per suite", () => {
    const sid = { suite: "sid", components: "main" };
    expect(
      sourcesList("http://m/debian", "/k.gpg", [sid, { suite: "bookworm", components: "main" }, sid]),
    ).toBe(
      "deb [signed-by=/k.gpg] http://m/debian sid main\ndeb [signed-by=/k.gpg] http://m/debian bookworm main\n",
    );
  });
});

describe("mirrorFor", () => {
  const debian = { name: "debian", keyrings: [] } as const;
  const ubuntu = { name: "ubuntu", keyrings: [] } as const;
  it("is the wanted one, the host's own without one", () => {
    const wanted = "https://mirrors.example/debian/";
    expect(mirrorFor(debian, wanted, "http://d/debian")).toBe("https://mirrors.example/debian");
    expect(mirrorFor(debian, undefined, "http://d/debian")).toBe("http://d/debian");
  });
  it("is Ubuntu's beside Debian's on Ubuntu, and never Debian's", () => {
    const own = "http://u/ubuntu";
    expect(mirrorFor(ubuntu, "https://mirrors.example/debian", own)).toBe("https://mirrors.example/ubuntu");
    expect(mirrorFor(ubuntu, "https://debian.example/d", own)).toBe(own);
  });
  it("asks for one where none is known", () => {
    expect(() => mirrorFor(debian, undefined, undefined)).toThrow("ENGINE_NO_MIRROR");
  });
});
