import { text } from "../../../text.ts";
import { openLive, said } from "../../live/application.ts";
import { room, shownTime, timeAhead } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Lists a room's stream keys; makes one with --new, which is shown this once; revokes one with --revoke, which also cuts a stream that runs by it within seconds.",
    "列出直播间的推流密钥；--new 创建密钥（仅显示这一次）；--revoke 吊销密钥，使用该密钥的直播将在数秒内被切断。",
  ),
  examples: [
    { command: "live keys market", does: text("which there are", "查看密钥") },
    { command: "live keys market --new --expires 30d", does: text("one for a month", "有效期一个月的密钥") },
    { command: "live keys market --revoke k0123456789ab", does: text("no longer valid", "吊销密钥") },
  ],
  arguments: { room },
  options: {
    new: { type: "flag", description: text("Make a key and show it", "创建密钥并显示") },
    expires: {
      type: "duration",
      value: "time",
      description: text(
        "How long the new key is valid; left out: until revoked",
        "新密钥有效期；省略则直到吊销",
      ),
    },
    revoke: { type: "string", value: "id", description: text("Id of a key to revoke", "要吊销的密钥 id") },
  },
  async run(ctx) {
    const { out, options } = ctx;
    const live = await openLive(ctx);
    const path = { name: ctx.args.room };
    if (options.revoke !== undefined) {
      await said(
        live.api.DELETE("/v1/rooms/{name}/keys/{id}", { params: { path: { ...path, id: options.revoke } } }),
      );
      out.result({ id: options.revoke, state: "revoked" }, () =>
        out.say(text(`Revoked ${options.revoke}.`, `已吊销 ${options.revoke}。`)),
      );
      return undefined;
    }
    if (options.new) {
      const ends = options.expires === undefined ? {} : { expiresAt: timeAhead(options.expires, Date.now()) };
      const made = await said(live.api.POST("/v1/rooms/{name}/keys", { params: { path }, body: ends }));
      out.note(
        text(
          `Shown this once. 'mall live push ${ctx.args.room}' gives addresses with a signature instead.`,
          `密钥仅显示这一次。mall live push ${ctx.args.room} 可提供带签名的推流地址。`,
        ),
      );
      out.result(made, () => made.key);
      return undefined;
    }
    const { keys } = await said(live.api.GET("/v1/rooms/{name}/keys", { params: { path } }));
    out.result({ keys }, () =>
      keys.length === 0
        ? out.say(text("No key: nobody can publish. --new makes one.", "没有密钥，无法推流。--new 可创建。"))
        : out.table(
            [
              out.say(text("key", "密钥")),
              out.say(text("state", "状态")),
              out.say(text("made", "创建")),
              out.say(text("until", "有效期至")),
            ],
            keys.map((key) => [
              key.id,
              key.state,
              shownTime(key.createdAt),
              shownTime(key.revokedAt ?? key.expiresAt),
            ]),
          ),
    );
    return undefined;
  },
});
