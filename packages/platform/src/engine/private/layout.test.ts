import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layoutOf } from "./layout.ts";

describe("layoutOf", () => {
  it("keeps everything in one folder", () => {
    const layout = layoutOf("/state/engine");
    for (const path of [layout.data, layout.socket, layout.config, layout.cli, layout.bases, layout.lock]) {
      expect(path.startsWith("/state/engine/")).toBe(true);
    }
  });

  it("keeps sockets within the 107 bytes that a Unix socket's path may have, however deep the home", () => {
    const segment = fc.string({ unit: fc.constantFrom("a", "é", "商"), minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
        const { socket, execRoot } = layoutOf(`/${segments.join("/")}`);
        for (const path of [socket, `${execRoot}/containerd/containerd.sock.ttrpc`]) {
          expect(Buffer.byteLength(path)).toBeLessThanOrEqual(107);
        }
      }),
    );
  });

  it("tells two homes apart on the host, within the 15 characters of an interface's name", () => {
    const a = layoutOf("/a/engine");
    const b = layoutOf("/b/engine");
    expect(a.bridge).not.toBe(b.bridge);
    expect(a.bridge.length).toBeLessThanOrEqual(15);
  });
});
