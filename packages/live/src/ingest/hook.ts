/** What nginx-rtmp's notify module says of a client, and what is wrong with a publisher before anybody is asked. Pure. */
import { isStreamName } from "../signature/names.ts";

export interface Hook {
  readonly call: string;
  readonly app: string;
  /** nginx's number of the connection: the only thing that tells one publisher of a name from another. */
  readonly clientId: string;
  readonly address: string;
  readonly name: string;
  /** What the client wrote behind the name's question mark, as it wrote it. */
  readonly query: string;
}

/**
 * Parameters of the module's own, in its order, up to where the client's query is appended as it came
 * (ngx_rtmp_notify_module.c: `*_create`; the session's own from ngx_rtmp_netcall_module.c come first).
 */
const genuine = ["app", "flashver", "swfurl", "tcurl", "pageurl", "addr", "clientid", "call"];
const further: Readonly<Record<string, readonly string[]>> = {
  publish: ["name", "type"],
  play: ["name", "start", "duration", "reset"],
};
const others = ["time", "timestamp", "name"];

/** Undefined for what the module does not send. Every value is its first occurrence: what follows is the client's. */
export function parseHook(body: string): Hook | undefined {
  const pairs = body.split("&");
  const values: Record<string, string> = {};
  let index = 0;
  const take = (name: string): boolean => {
    const [key, value = ""] = splitOnce(pairs[index] ?? "");
    if (key !== name) return false;
    values[name] = decode(value);
    index += 1;
    return true;
  };
  if (!genuine.every(take)) return undefined;
  const call = values.call ?? "";
  const own = further[call];
  if (own === undefined) for (const name of others) take(name);
  else if (!own.every(take)) return undefined;
  const clientId = values.clientid ?? "";
  if (!/^\d{1,20}$/.test(clientId)) return undefined;
  return {
    call,
    app: values.app ?? "",
    clientId,
    address: values.addr ?? "",
    name: values.name ?? "",
    query: pairs.slice(index).join("&"),
  };
}

function splitOnce(pair: string): readonly [string, string] {
  const at = pair.indexOf("=");
  return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // Bytes that are no text: no name we know.
    return value;
  }
}

export interface Fault {
  readonly code: "BAD_NAME" | "TOO_LONG" | "REPEATED_PARAMETER" | "WRONG_APPLICATION";
  readonly reason: string;
}

/** The module keeps name and query in buffers of 256 bytes, and cuts without a word (NGX_RTMP_MAX_NAME, _ARGS). */
export const mostBytes = 255;

/** What may be said once only: by two occurrences one program could read this, and another that. */
const reserved = new Set(["key", "txsecret", "txtime", "auth_key", ...genuine, "name", "type"]);

/** What is wrong with a publisher by its words alone; undefined when the application may be asked. */
export function faultOf(hook: Hook): Fault | undefined {
  if (hook.app !== "live") return { code: "WRONG_APPLICATION", reason: "the application is not live" };
  const whole = Buffer.byteLength(hook.name) + 1 + Buffer.byteLength(hook.query);
  if (whole >= mostBytes) {
    return { code: "TOO_LONG", reason: `name and query have ${whole} bytes, and less than ${mostBytes} fit` };
  }
  if (!isStreamName(hook.name)) {
    return { code: "BAD_NAME", reason: "a stream's name has 1 to 64 of a-z, 0-9, - and _" };
  }
  const seen = new Set<string>(genuine.concat("name", "type"));
  for (const pair of hook.query.split("&")) {
    const name = decode(splitOnce(pair)[0]).toLowerCase();
    if (reserved.has(name) && seen.has(name)) {
      return { code: "REPEATED_PARAMETER", reason: `${name} stands twice` };
    }
    seen.add(name);
  }
  return undefined;
}
