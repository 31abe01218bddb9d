import { expect, test } from "vitest";
import { ingestFiles, planLines, planOriginLines } from "./ingest-config.ts";

const settings = {
  instance: "live-ingest-1",
  fragmentSeconds: 3,
  playlistSeconds: 60,
  keepEndedSeconds: 60,
  chunkSize: 4096,
  connections: 1024,
  originConnections: 1536,
  originWorkers: 2,
  ladders: 1,
  ladderThreads: 2,
  applications: [{ host: "live-app-1.live-app", port: 8443, serverName: "live-app-1.live-app" }],
  stores: { minio: { host: "minio", port: 9000, serverName: "minio", bucket: "replays", user: "live" } },
};
const files = ingestFiles(settings);
const lines = (name: string): readonly string[] => (files[name] ?? "").split("\n").map((line) => line.trim());

test("the plan's lines stand in what nginx is given", () => {
  expect(planLines(settings)).toContain("chunk_size 4096;");
  expect(planLines(settings)).toContain("on_publish http://auth-server.local/auth;");
  for (const line of planLines(settings)) expect(lines("nginx.conf")).toContain(line);
  for (const line of planOriginLines) expect(lines("origin.conf")).toContain(line);
});

test("each brace that opens is closed, and each directive ends", () => {
  for (const name of ["nginx.conf", "origin.conf"]) {
    let depth = 0;
    for (const line of lines(name).filter((each) => each !== "" && !each.startsWith("#"))) {
      expect(line).toMatch(/[;{}]$/);
      depth += line.endsWith("{") ? 1 : line === "}" ? -1 : 0;
      expect(depth).toBeGreaterThanOrEqual(0);
    }
    expect(depth).toBe(0);
  }
});

test("no log holds a query, where the key is, or a name, which is the client's", () => {
  const text = Object.values(files).join("\n");
  for (const variable of ["$args", "$name", "$tcurl", "$request", "$query_string", "$request_uri"]) {
    expect(text).not.toContain(variable);
  }
});

test("nobody but the packager plays by RTMP", () => {
  const all = lines("nginx.conf");
  expect(all.indexOf("deny play all;")).toBe(all.indexOf("allow play 127.0.0.1;") + 1);
  // Else whoever comes by TLS would be the packager.
  expect(lines("origin.conf")).toContain("proxy_protocol on;");
  expect(all).toContain("listen 127.0.0.1:1937 proxy_protocol;");
});

test("the supervisor's part is what was given", () => {
  expect(JSON.parse(files["ingest.json"] ?? "")).toEqual({
    applications: settings.applications,
    segmentSeconds: 3,
    playlistSeconds: 60,
    keepEndedSeconds: 60,
    ...settings.stores,
    ladders: 1,
    ladderThreads: 2,
  });
});
