/** HAProxy's runtime API through its TLS port (docs.haproxy.org/3.2/management.html, section 9.3). */

import type { InstanceName } from "../../plan/model.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";
import { dialTls } from "../tls-probe.ts";
import { instance, ports } from "./names.ts";

/** HAProxy closes the port after ten seconds of silence; it answers within milliseconds. */
const usualMs = 3_000;
/** More than the statistics of a thousand servers. */
const maxAnswerBytes = 2 ** 20;

/** Sends commands and returns their answers in one text. @throws when it cannot be reached or does not end. */
export async function command(ctx: Ctx, ...commands: readonly string[]): Promise<string> {
  const address = ctx.net.address(instance, ports.runtime.name);
  const timeoutMs = patiently(ctx, usualMs);
  const socket = await dialTls(address, await ctx.secrets.identity(), { signal: ctx.signal, timeoutMs });
  return new Promise((resolve, reject) => {
    let answer = "";
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setEncoding("utf8");
    socket.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    socket.once("error", fail);
    socket.on("data", (data: string) => {
      answer += data;
      if (answer.length > maxAnswerBytes) fail(new Error(`an answer of more than ${maxAnswerBytes} bytes`));
    });
    socket.once("end", () => {
      socket.destroy();
      // The refusal of a certificate is an end without a word.
      if (answer === "") reject(new Error("closed without an answer"));
      else resolve(answer);
    });
    socket.write(`${commands.join(";")}\n`);
  });
}

/** A server of a route as HAProxy has it. */
export interface Server {
  readonly route: string;
  readonly instance: InstanceName;
  /** Not taken out by an operator's word, ours included. */
  readonly open: boolean;
  /** Open, resolved, and not failed in a check. */
  readonly up: boolean;
  readonly address: string | undefined;
  readonly sessions: number;
}

/** SRV_ADMF_FMAINT and SRV_ADMF_FDRAIN of HAProxy's server-t.h: what `set server … state` sets. */
const takenOut = 0x01 | 0x08;
/** SRV_ST_RUNNING. */
const running = 2;

/** Reads the answer to {@link readCommands}. @throws when it is not of the form that HAProxy 2.8 to 3.x give. */
export function parseServers(answer: string, routes: readonly string[]): readonly Server[] {
  const lines = answer.split("\n");
  const states = table(lines, "# be_id ", " ");
  const sessions = new Map(
    table(lines, "# pxname,", ",").map((row) => [`${row("pxname")}/${row("svname")}`, Number(row("scur"))]),
  );
  return states
    .filter((row) => routes.includes(row("be_name")))
    .map((row) => {
      const [route, name, address] = [row("be_name"), row("srv_name"), row("srv_addr")];
      return {
        route,
        instance: name,
        open: (Number(row("srv_admin_state")) & takenOut) === 0,
        up: Number(row("srv_op_state")) === running,
        address: address === "-" ? undefined : address,
        sessions: sessions.get(`${route}/${name}`) ?? 0,
      };
    });
}

/** Servers of every proxy, and statistics of servers only (type 4). */
export const readCommands = ["show servers state", "show stat -1 4 -1"] as const;

/** Rows below a header line, by its column names, up to the next empty line. */
function table(
  lines: readonly string[],
  header: string,
  separator: string,
): readonly ((column: string) => string)[] {
  const at = lines.findIndex((line) => line.startsWith(header));
  if (at < 0) throw new Error(`no table "${header.trim()}" in HAProxy's answer: ${lines[0] ?? ""}`);
  const columns = (lines[at] ?? "").slice(2).split(separator);
  const end = lines.findIndex((line, index) => index > at && line === "");
  return lines.slice(at + 1, end < 0 ? undefined : end).map((line) => {
    const cells = line.split(separator);
    return (column) => cells[columns.indexOf(column)] ?? "";
  });
}
