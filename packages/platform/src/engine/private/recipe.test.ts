import { describe, expect, it } from "vitest";
import { hostSuite, packagesOf, parseRelease } from "./recipe.ts";

const release = (osRelease: string, debianVersion: string, architecture = "amd64") =>
  hostSuite(parseRelease(osRelease, debianVersion, architecture));

const bookworm = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm\n';

describe("hostSuite", () => {
  it("takes Docker from sid and the rest from the host's suite", () => {
    expect(release(bookworm, "12.11")).toMatchObject({
      distribution: { name: "debian" },
      own: { suite: "bookworm" },
      docker: [{ suite: "sid" }, { suite: "trixie" }],
    });
    expect(release("ID=debian\nVERSION_CODENAME=trixie", "13.1")?.own.suite).toBe("trixie");
  });

  it("knows testing and unstable, which have no codename of their own", () => {
    const sid = release('ID=debian\nPRETTY_NAME="Debian GNU/Linux forky/sid"', "forky/sid");
    expect(sid).toMatchObject({ own: { suite: "sid" }, docker: [{ suite: "sid" }] });
  });

  it("goes by Debian's version for derivatives with names of their own", () => {
    expect(release("ID=raspbian\nID_LIKE=debian\nVERSION_CODENAME=other", "12.4")?.own.suite).toBe(
      "bookworm",
    );
  });

  it("takes all from Ubuntu on Ubuntu and its derivatives", () => {
    const mint = release(
      'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=xia\nUBUNTU_CODENAME=noble',
      "trixie/sid",
    );
    expect(mint).toMatchObject({
      distribution: { name: "ubuntu" },
      own: { suite: "noble", components: "main universe" },
      docker: [{ suite: "noble-updates" }, { suite: "noble" }],
    });
  });

  it.each([
    ["another family", "ID=fedora\nVERSION_ID=44", ""],
    ["Alpine", "ID=alpine", ""],
    ["a Debian too old for Docker's glibc", "ID=debian\nVERSION_CODENAME=bullseye", "11.11"],
    ["nothing at all", "", ""],
  ])("has none for %s", (_, osRelease, debianVersion) => {
    expect(release(osRelease, debianVersion)).toBeUndefined();
  });

  it("reads quoted values of os-release in both styles", () => {
    expect(parseRelease("ID='debian'\nID_LIKE=\"a b\"\n# ID=x\n", " 12.1\n", "amd64")).toMatchObject({
      ids: ["debian", "a", "b"],
      debianVersion: "12.1",
    });
  });
});

describe("packagesOf", () => {
  const host = release(bookworm, "12.11");
  if (host === undefined) throw new Error("bookworm is known");
  const [sid, trixie] = host.docker;
  if (sid === undefined || trixie === undefined) throw new Error("two sources");

  it("names each package's suite", () => {
    expect(packagesOf(host, "client", sid, undefined)).toEqual([
      "docker-cli/sid",
      "docker-compose/sid",
      "docker-buildx/sid",
    ]);
    const daemon = packagesOf(host, "daemon", sid, undefined);
    expect(daemon).toContain("docker.io/sid");
    expect(daemon).toContain("runc/bookworm");
    expect(daemon).not.toContain("runc/sid");
  });

  it("follows the static tini, whose package was renamed", () => {
    expect(packagesOf(host, "daemon", sid, undefined)).toContain("tini-static/sid");
    expect(packagesOf(host, "daemon", trixie, undefined)).toContain("tini/trixie");
  });

  it("adds perl's modules only where the host's perl lacks them", () => {
    expect(packagesOf(host, "bootstrap", sid, undefined)).toEqual(["mmdebstrap/bookworm"]);
    expect(packagesOf(host, "bootstrap", sid, "5.36")).toContain("perl-modules-5.36/bookworm");
  });
});
