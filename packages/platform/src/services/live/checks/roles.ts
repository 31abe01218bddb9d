/** LV-15: one authority for who publishes and who plays, by the role that a token or a certificate gives. */
import { text } from "../../../text.ts";
import { askAt } from "../../https-client.ts";
import { namesOf, ports } from "../names.ts";
import { askApplication, codeOf, operate } from "../operator.ts";
import { failed, type LiveCheck, passed, steps } from "./evidence.ts";
import { checkMerchant, withRoom } from "./room.ts";

interface Token {
  readonly token: string;
}

/** Of a token: a check ends within a minute. */
const ttlSeconds = 120;
const otherMerchant = `${checkMerchant}-other`;

export const roles: LiveCheck = {
  id: "live.roles",
  requirements: ["LV-15"],
  title: text(
    "Viewers play, streamers manage their own merchant's rooms alone, the operator all; strangers neither",
    "观众只能播放，主播只能管理所属商家的直播间，运营者可管理全部，未登录者均不可",
  ),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence } = await steps((step) =>
      withRoom(ctx, (own) =>
        withRoom(
          ctx,
          async (foreign) => {
            const tokenOf = async (role: string, merchant?: string): Promise<string> =>
              (
                await operate<Token>(ctx, "POST", "/v1/tokens", {
                  subject: "mall verify",
                  role,
                  ttlSeconds,
                  ...(merchant === undefined ? {} : { merchant }),
                })
              ).token;
            const viewer = await tokenOf("viewer");
            const streamer = await tokenOf("streamer", checkMerchant);
            const edge = namesOf("edge")[0] ?? "";
            const address = ctx.net.address(edge, ports.https.name);
            /** As a user, whom an edge lets through to the application. */
            const expect = async (
              who: string,
              token: string | undefined,
              method: "GET" | "POST",
              path: string,
              wanted: string,
            ): Promise<void> => {
              const answer = await askAt(ctx, edge, address, {
                method,
                path,
                anonymous: true,
                ...(method === "POST" ? { body: {} } : {}),
                headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
              });
              const read = [answer.status, codeOf(answer)].filter((one) => one !== "").join(" ");
              step(
                who,
                `${method} ${path.replace(own.name, "own").replace(foreign.name, "other")}: ${read}`,
                read === wanted,
              );
            };
            const room = `/v1/rooms/${own.name}`;
            const other = `/v1/rooms/${foreign.name}`;
            await expect("stranger", undefined, "POST", `${room}/play`, "401 LOGIN_REQUIRED");
            await expect("stranger", undefined, "GET", `${room}/keys`, "403 FORBIDDEN");
            await expect(
              "altered token",
              `${viewer.slice(0, -4)}AAAA`,
              "POST",
              `${room}/play`,
              "401 TOKEN_WRONG",
            );
            await expect("viewer", viewer, "POST", `${room}/play`, "200");
            await expect("viewer", viewer, "GET", `${room}/keys`, "403 FORBIDDEN");
            await expect("viewer", viewer, "GET", `${room}/urls`, "403 FORBIDDEN");
            await expect("viewer", viewer, "POST", `${room}/kick`, "403 FORBIDDEN");
            await expect("streamer", streamer, "GET", `${room}/urls`, "200");
            await expect("streamer", streamer, "GET", `${room}/keys`, "200");
            await expect("streamer", streamer, "GET", `${other}/keys`, "403 FORBIDDEN");
            await expect("streamer", streamer, "POST", `${other}/kick`, "403 FORBIDDEN");
            await expect("streamer", streamer, "POST", "/v1/tokens", "403 FORBIDDEN");
            await expect("streamer", streamer, "POST", "/v1/rooms", "403 FORBIDDEN");
            for (const path of [`${room}/keys`, `${other}/keys`]) {
              const { status } = await askApplication(ctx, "GET", path);
              step("operator", `GET keys: ${status}`, status === 200);
            }
          },
          otherMerchant,
        ),
      ),
    );
    return right
      ? passed(text("each may what its role says", "各角色权限符合规定"), evidence)
      : failed(text("not as the roles say", "与角色权限不符"), evidence);
  },
};
