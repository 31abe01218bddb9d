/** Answers nginx-rtmp's hooks on the loopback: plain HTTP is all that the module speaks. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { parseHook } from "./hook.ts";
import type { Log } from "./log.ts";
import type { Answer, Sessions } from "./sessions.ts";

/** Name, query and the session's own, each percent-encoded at worst. */
const mostBytes = 16_384;

export function hooksServer(sessions: Sessions, log: Log): Server {
  return createServer((request, response) => {
    answerTo(request).then(
      (status) => response.writeHead(status, { "content-length": 0 }).end(),
      (error: unknown) => {
        log("error", "a hook was not answered", { why: String(error) });
        // Whoever cannot be judged does not publish.
        response.writeHead(403, { "content-length": 0 }).end();
      },
    );
  });

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    const hook = parseHook(await bodyOf(request));
    if (hook === undefined) {
      log("warn", "not a hook of nginx-rtmp", { path: request.url });
      return 403;
    }
    switch (hook.call) {
      case "publish":
        return sessions.publish(hook);
      case "update_publish":
      case "update_play":
        return sessions.update(hook);
      case "publish_done":
        sessions.done(hook);
        return 200;
      default:
        return 403;
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const piece of request.setEncoding("latin1")) {
    body += piece;
    if (body.length > mostBytes) throw new RangeError(`a hook of more than ${mostBytes} bytes`);
  }
  return body;
}
