/** GE-4: nobody gets an answer without a password, or without a certificate where brokers talk. */

import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import { patiently } from "../../patience.ts";
import type { Ctx } from "../../service.ts";
import { strangerIsRefused } from "../../tls-probe.ts";
import { instancesOf, wayIn } from "../client.ts";
import { appUser, ports } from "../names.ts";
import { openBroker } from "../protocol/connection.ts";
import { metadata } from "../protocol/data-apis.ts";
import { failed, type KafkaCheck, onAllBrokers, passed } from "./evidence.ts";

/** What a client that never logs in, or with a wrong password, is told. */
async function withoutLogin(ctx: Ctx, instance: InstanceName): Promise<{ refused: boolean; read: string }> {
  const { ca } = await ctx.secrets.identity();
  const options = { identity: { ca }, signal: ctx.signal, timeoutMs: patiently(ctx, 3_000) };
  const address = wayIn(ctx, instance);
  const stranger = await openBroker(address, options)
    .then(async (connection) => {
      try {
        await connection.call(metadata, {
          topics: null,
          allowAutoTopicCreation: false,
          includeClusterAuthorizedOperations: false,
          includeTopicAuthorizedOperations: false,
        });
        return "answered";
      } finally {
        connection.close();
      }
    })
    .catch(messageOf);
  const guesser = await openBroker(address, { ...options, login: { user: appUser, password: "guessed" } })
    .then((connection) => {
      connection.close();
      return "let in";
    })
    .catch(messageOf);
  return {
    // Only the broker's own doing counts: one that cannot be reached refuses everybody.
    refused:
      /closed the connection|ECONNRESET/.test(stranger) && guesser.includes("SASL_AUTHENTICATION_FAILED"),
    read: `without log-in: ${stranger}; with a wrong password: ${guesser}`,
  };
}

export const strangers: KafkaCheck = {
  id: "kafka.refuses-strangers",
  requirements: ["GE-4"],
  title: text(
    "Clients without a password, and peers without a certificate, get no answer",
    "没有密码的客户端和没有证书的对等节点得不到应答",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const asked = await Promise.all(
      instancesOf(ctx).map(async (instance) => {
        const [clients, peers] = await Promise.all([
          withoutLogin(ctx, instance),
          // The length of a request that never comes, so that a port that reads on would wait.
          strangerIsRefused(ctx, instance, ports.peers.name, "\0\0\0\x10"),
        ]);
        return {
          right: clients.refused && peers.refused,
          evidence: {
            from: instance,
            read: `${clients.read}; peers' port without a certificate: ${peers.read}`,
          },
        };
      }),
    );
    const evidence = asked.map((one) => one.evidence);
    return asked.length > 0 && asked.every((one) => one.right)
      ? passed(onAllBrokers(asked.length), evidence)
      : failed(text("not refused by every broker", "并非每个 broker 都拒绝"), evidence);
  },
};
