/** Reads Linux' /proc/net/tcp and tcp6: the sockets of one network namespace. Pure. */

export interface Listener {
  /** As the kernel writes it, hexadecimal, network words in host order. */
  readonly address: string;
  readonly port: number;
  /** Reached from inside the container only. */
  readonly loopback: boolean;
}

/** TCP_LISTEN of the kernel's include/net/tcp_states.h. */
const listening = "0A";

/** @returns one entry per listening socket, IPv4 and IPv6, in any concatenation of the two files. */
export function parseListeners(content: string): readonly Listener[] {
  return content.split("\n").flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    const [address = "", port = ""] = (local ?? "").split(":");
    if (state !== listening || port === "") return [];
    return [{ address, port: Number.parseInt(port, 16), loopback: isLoopback(address) }];
  });
}

/** 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/8, each 32-bit word in little-endian hexadecimal. */
const isLoopback = (address: string): boolean =>
  address.length === 8
    ? address.endsWith("7F")
    : address === "00000000000000000000000001000000" || /^0{16}FFFF0000.{6}7F$/.test(address);
