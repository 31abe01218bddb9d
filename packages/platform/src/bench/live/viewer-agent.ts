/** A viewer without a screen: requests to an edge, with the mall's CA and no certificate of its own. */
import { Agent, request } from "undici";
import { type LiveMall, routeOf } from "./mall.ts";

export interface Got {
  readonly status: number;
  readonly text: string;
}

export async function viewerAgent(mall: LiveMall) {
  const { host, port, serverName } = mall.net.route(routeOf(mall, "live-edge"));
  const { ca } = await mall.secretsOf("operator").identity();
  const agent = new Agent({ connect: { ca, servername: serverName } });
  const get = async (path: string): Promise<Got> => {
    const answer = await request(`https://${host}:${port}${path}`, { dispatcher: agent });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  return { agent, get };
}
