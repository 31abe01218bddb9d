import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseUris, verified } from "./debs.ts";

const hash = "3d3fdbe91d4660c873e14b092c213fe81c1da6362daa236eb25d0171eb108744";
const printed = `Reading package lists...
'http://mirror.example/debian/pool/main/b/busybox/busybox-static_1.35.0-4%2bdeb12u1%2bb1_amd64.deb' busybox-static_1%3a1.35.0-4+deb12u1+b1_amd64.deb 928188 SHA256:${hash}
'http://mirror.example/debian/pool/main/r/runc/runc_1.1.5%2bds1-1_amd64.deb' runc_1.1.5+ds1-1_amd64.deb 2709960 SHA256:${hash}
`;

describe("parseUris", () => {
  it("reads name, version with epoch, size and hash", () => {
    expect(parseUris(printed)).toEqual([
      {
        name: "busybox-static",
        version: "1:1.35.0-4+deb12u1+b1",
        file: "busybox-static_1%3a1.35.0-4+deb12u1+b1_amd64.deb",
        sizeBytes: 928188,
        sha256: hash,
      },
      {
        name: "runc",
        version: "1.1.5+ds1-1",
        file: "runc_1.1.5+ds1-1_amd64.deb",
        sizeBytes: 2709960,
        sha256: hash,
      },
    ]);
  });

  it.each([
    ["another hash", printed.replace("SHA256:", "MD5Sum:")],
    ["no hash", printed.replace(` SHA256:${hash}`, "")],
    ["a short hash", printed.replace(hash, hash.slice(1))],
    [
      "a file name that leaves the folder",
      printed.replace("runc_1.1.5+ds1-1_amd64.deb 27", "../runc_1_amd64.deb 27"),
    ],
  ])("refuses %s", (_, output) => {
    expect(() => parseUris(output)).toThrow(/verifiable/);
  });
});

describe("verified", () => {
  let folder: string;
  const content = "package";
  const deb = {
    name: "p",
    version: "1",
    file: "p.deb",
    sizeBytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mall-debs-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const check = (data: string) => {
    writeFileSync(join(folder, "p.deb"), data);
    return verified(join(folder, "p.deb"), deb);
  };

  it("accepts the very file", async () => {
    expect(await check(content)).toBe(true);
  });
  it("refuses one cut short, one altered, and none", async () => {
    expect(await check("packa")).toBe(false);
    expect(await check("pAckage")).toBe(false);
    expect(await verified(join(folder, "none"), deb)).toBe(false);
  });
});
