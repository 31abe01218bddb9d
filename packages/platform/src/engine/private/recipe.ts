/**
 * Which packages make the private engine on which host: data, so that a new suite is a new line.
 *
 * Docker's own programs are taken from Debian's development suite, where they are current; they are Go and ask
 * for glibc 2.34 only. What links against the host's libraries (runc, iptables) comes from the host's suite:
 * sid's runc asks for a newer glibc than bookworm's. If sid's move on to a newer glibc as well, the self-check
 * after unpacking (unpack.ts) notices and the next source in `docker` is taken.
 */

/** One place of packages: a line of sources.list, in parts. */
export interface Source {
  readonly suite: string;
  /** Of the mirror of this suite's distribution. */
  readonly components: string;
}

export interface Distribution {
  readonly name: "debian" | "ubuntu";
  /** Keyrings that hold its archive keys; the first that exists is used. */
  readonly keyrings: readonly string[];
}

/** What a host's packages are called and where they come from. */
export interface HostSuite {
  readonly distribution: Distribution;
  /** Of the host: runc, iptables, busybox, mmdebstrap, perl. */
  readonly own: Source;
  /** Of Docker's programs, in order of preference. */
  readonly docker: readonly Source[];
  readonly dockerPackages: {
    readonly client: readonly string[];
    readonly daemon: (suite: string) => readonly string[];
  };
}

/** Parts that are fetched and unpacked on their own: a host engine without a client needs only the first. */
export type Component = "client" | "daemon" | "bootstrap" | "browser";

/** A browser to look at pages with, and fonts: Latin metrics as the web expects them, and Chinese. */
export const browserPackages: readonly string[] = ["chromium", "fonts-liberation", "fonts-wqy-microhei"];

/**
 * Of all that these lean on, what is unpacked: their own parts, libraries and data. Not what every Debian has, nor
 * the graphics drivers, which a browser without a screen never loads.
 */
export const belongsToBrowser = (name: string): boolean =>
  /^(chromium|fonts-|fontconfig-config$|lib|xkb-data$|shared-mime-info$)/.test(name) &&
  !/^lib(c6|c-bin|gcc-s1|crypt1|llvm|z3-|gl1-mesa-dri|perl|systemd-shared|icu|python|pam|apt|gnutls|db5)/.test(
    name,
  );

const debian: Distribution = {
  name: "debian",
  keyrings: [
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
  ],
};

const ubuntu: Distribution = {
  name: "ubuntu",
  keyrings: ["/usr/share/keyrings/ubuntu-archive-keyring.gpg"],
};

const debianPackages = {
  client: ["docker-cli", "docker-compose", "docker-buildx"],
  // The static tini has a package of its own since forky.
  daemon: (suite: string) => ["docker.io", "containerd", suite === "trixie" ? "tini" : "tini-static"],
};

/** Ubuntu's docker.io has the client in it and depends on no plugin. */
const ubuntuPackages = {
  client: ["docker.io", "docker-compose-v2", "docker-buildx"],
  daemon: () => ["docker.io", "containerd", "tini"],
};

/** Of the host's suite, for the daemon: what its programs load, and `busybox ip` to make the bridge. */
export const runtimePackages: readonly string[] = [
  "runc",
  "libseccomp2",
  "iptables",
  "libip4tc2",
  "libip6tc2",
  "libxtables12",
  "libmnl0",
  "libnetfilter-conntrack3",
  "libnfnetlink0",
  "libnftnl11",
  "nftables",
  "libnftables1",
  "libjansson4",
  "libedit2",
  "libbsd0",
  "busybox-static",
];

export interface HostRelease {
  /** `ID` of /etc/os-release, and `ID_LIKE` for derivatives. */
  readonly ids: readonly string[];
  /** Names that may be the suite's, best first: VERSION_CODENAME, UBUNTU_CODENAME, DEBIAN_CODENAME. */
  readonly codenames: readonly string[];
  /** Text of /etc/debian_version: "12.11", "trixie/sid". */
  readonly debianVersion: string;
  /** dpkg's name: amd64, arm64. */
  readonly architecture: string;
}

const byDebianVersion: Readonly<Record<string, string>> = { 12: "bookworm", 13: "trixie", 14: "forky" };
const debianSuites = ["bookworm", "trixie", "forky", "sid"];

/** The suite for a host; `undefined` when it is none that packages can be had for: not Debian-like, or too old. */
export function hostSuite(release: HostRelease): HostSuite | undefined {
  // Ubuntu before Debian: ID_LIKE of its derivatives names both.
  if (release.ids.includes("ubuntu")) {
    const suite = release.codenames[0];
    if (suite === undefined) return undefined;
    const own = { suite, components: "main universe" };
    const updates = { suite: `${suite}-updates`, components: "main universe" };
    return { distribution: ubuntu, own, docker: [updates, own], dockerPackages: ubuntuPackages };
  }
  if (!release.ids.includes("debian")) return undefined;
  const major = release.debianVersion.split(".")[0] ?? "";
  const testing = release.debianVersion.endsWith("/sid") ? "sid" : undefined;
  const suite =
    release.codenames.find((name) => debianSuites.includes(name)) ?? byDebianVersion[major] ?? testing;
  if (suite === undefined) return undefined;
  const main = (name: string): Source => ({ suite: name, components: "main" });
  const docker = [...new Set(["sid", suite === "sid" || suite === "forky" ? suite : "trixie"])];
  return {
    distribution: debian,
    own: main(suite),
    docker: docker.map(main),
    dockerPackages: debianPackages,
  };
}

/** `ID=…` lines of /etc/os-release. */
export function parseRelease(osRelease: string, debianVersion: string, architecture: string): HostRelease {
  const fields = new Map<string, string>();
  for (const line of osRelease.split("\n")) {
    const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
    if (match?.[1]) fields.set(match[1], match[2] ?? match[3] ?? match[4] ?? "");
  }
  const words = (key: string) => (fields.get(key) ?? "").split(" ").filter((word) => word !== "");
  return {
    ids: [...words("ID"), ...words("ID_LIKE")],
    codenames: [...words("UBUNTU_CODENAME"), ...words("VERSION_CODENAME"), ...words("DEBIAN_CODENAME")],
    debianVersion: debianVersion.trim(),
    architecture,
  };
}

/** A package of a suite: `docker.io/sid`, the form that apt-get takes. */
export function packagesOf(
  host: HostSuite,
  component: Component,
  docker: Source,
  perlVersion: string | undefined,
): string[] {
  const of = (source: Source, names: readonly string[]) => names.map((name) => `${name}/${source.suite}`);
  switch (component) {
    case "client":
      return of(docker, host.dockerPackages.client);
    case "daemon":
      return [...of(docker, host.dockerPackages.daemon(docker.suite)), ...of(host.own, runtimePackages)];
    case "bootstrap":
      return of(host.own, [
        "mmdebstrap",
        // A minimal Debian has perl-base only, which lacks modules that mmdebstrap uses.
        ...(perlVersion === undefined ? [] : [`perl-modules-${perlVersion}`, `libperl${perlVersion}`]),
        ...(host.distribution.name === "debian" ? [] : ["debian-archive-keyring"]),
      ]);
    case "browser":
      return of(host.own, browserPackages);
  }
}
