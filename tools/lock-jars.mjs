// Writes images/<name>/jars.lock anew: what the poms in images/<name>/jars/ resolve to, each into the folder that the
// pom is named after (libs.xml: libs/, modules.reindex.xml: modules/reindex/). Needs mvn. Run it after a change of a pom, and look at what changed:
//
//   node tools/lock-jars.mjs kafka
//
// A line: SHA-256, group:artifact:version[:classifier], path, licences, with tabs between; the first is the first
// dependency of the first pom. images/common/maven/fetch reads it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error("usage: node tools/lock-jars.mjs IMAGE");
const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "images", name);
const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:list";

const spdx = [
  [/apache/i, "Apache-2.0"],
  [/mit license|^mit$|the mit/i, "MIT"],
  [/bsd[- ]2|simplified bsd/i, "BSD-2-Clause"],
  [/bsd[- ]3|new bsd|revised bsd|modified bsd|^bsd$|^3-clause bsd|bsd licen[cs]e/i, "BSD-3-Clause"],
  [/eclipse public license.*2|epl[- ]2/i, "EPL-2.0"],
  [/eclipse public license.*1|epl[- ]1/i, "EPL-1.0"],
  [/eclipse distribution license|edl/i, "BSD-3-Clause"],
  [/lesser general public license|lgpl/i, "LGPL-2.1-or-later"],
  [/gpl2? w\/ ?cpe|gpl.*classpath|cddl.*gpl/i, "CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0"],
  [/cddl/i, "CDDL-1.1"],
  [/cc0|public domain/i, "CC0-1.0"],
];
const licence = (text) =>
  spdx.find(([pattern]) => pattern.test(text))?.[1] ?? text.replaceAll(",", "").trim();

/** What a pom says, or the nearest of its parents that says anything. */
function licences(path) {
  if (!existsSync(path)) return [];
  const pom = readFileSync(path, "utf8").replace(/<!--[\s\S]*?-->/g, "");
  const own = [
    ...(/<licenses>([\s\S]*?)<\/licenses>/.exec(pom)?.[1] ?? "").matchAll(/<name>\s*([\s\S]*?)\s*<\/name>/g),
  ];
  if (own.length > 0) return [...new Set(own.map(([, text]) => licence(text.replaceAll(/\s+/g, " "))))];
  const parent = /<parent>([\s\S]*?)<\/parent>/.exec(pom)?.[1];
  if (parent === undefined) return [];
  const of = (tag) => new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`).exec(parent)?.[1] ?? "";
  return licences(pomPath(of("groupId"), of("artifactId"), of("version")));
}

const repository = join(homedir(), ".m2", "repository");
const pomPath = (group, artifact, version) =>
  join(repository, ...group.split("."), artifact, version, `${artifact}-${version}.pom`);

const work = mkdtempSync(join(tmpdir(), "mall-jars-"));
try {
  const lines = readdirSync(join(folder, "jars"))
    .filter((file) => file.endsWith(".xml"))
    .sort()
    .flatMap((file) => {
      const output = join(work, file);
      const options = [
        "-DincludeScope=runtime",
        "-DoutputAbsoluteArtifactFilename=true",
        `-DoutputFile=${output}`,
      ];
      execFileSync("mvn", ["-q", "-B", "-f", join(folder, "jars", file), plugin, ...options], {
        stdio: "inherit",
      });
      return readFileSync(output, "utf8")
        .split("\n")
        .flatMap((line) => {
          const found = /^\s+(\S+?):jar:(\S+):(\/\S+\.jar)/.exec(line);
          if (found === null) return [];
          const [group, artifact] = found[1].split(":");
          // artifact:[classifier:]version:scope
          const rest = found[2].split(":").slice(0, -1);
          const version = rest.at(-1);
          const classifier = rest.length > 1 ? `:${rest[0]}` : "";
          const sum = createHash("sha256").update(readFileSync(found[3])).digest("hex");
          const said = licences(pomPath(group, artifact, version));
          const path = `${basename(file, ".xml").replaceAll(".", "/")}/${basename(found[3])}`;
          const words = said.length > 0 ? said.join(",") : "see jar";
          return [`${sum}\t${group}:${artifact}:${version}${classifier}\t${path}\t${words}\n`];
        });
    });
  writeFileSync(join(folder, "jars.lock"), lines.join(""));
  console.log(`${lines.length} jars in images/${name}/jars.lock`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
