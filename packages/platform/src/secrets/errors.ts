import { defineErrors, entry } from "../errors.ts";

/** What a damaged file of the store holds: each has its own way out. */
export type DamagedPart = "state" | "authority" | "password" | "certificate";

const wayOut: Record<DamagedPart, { readonly en: string; readonly zh: string }> = {
  state: {
    en: "Nothing was changed. Restore it from a copy of the folder it is in.",
    zh: "未做任何更改。请从该目录的副本恢复此文件。",
  },
  authority: {
    en: "Nothing was changed. Restore it from a copy. Without one, move the folders `authorities` and `certificates` and the file `store.json` beside them away and run `mall up`: a new CA and new certificates are made, and connections fail until every server has them.",
    zh: "未做任何更改。请从副本恢复该文件。若无副本，请移走旁边的 authorities、certificates 目录和 store.json 文件，再运行 mall up：会生成新的 CA 和证书，在所有服务器换用之前连接会失败。",
  },
  password: {
    en: "Nothing was changed: the servers still hold the right value. Restore the file from a copy, or from the same file in the folder /secrets of a container that has it.",
    zh: "未做任何更改，服务器仍持有正确的值。请从副本恢复该文件，或从持有它的容器的 /secrets 目录中取回。",
  },
  certificate: {
    en: "Nothing was changed. Delete that file and run `mall up`: a new certificate is issued and delivered.",
    zh: "未做任何更改。请删除该文件并运行 mall up：会签发并分发新的证书。",
  },
};

export const secretError = defineErrors("secrets", {
  SECRET_STORE_CORRUPT: entry<{ file: string; part: DamagedPart; problem: string }>(
    "operation",
    (p) => ({ what: `${p.file} is damaged: ${p.problem}.`, fix: wayOut[p.part].en }),
    (p) => ({ what: `${p.file} 已损坏：${p.problem}。`, fix: wayOut[p.part].zh }),
  ),
  SECRET_LOST: entry<{ id: string; file: string }>(
    "operation",
    (p) => ({
      what: `${p.file} is gone, although "${p.id}" was generated before and servers may rely on it.`,
      fix: `${wayOut.password.en} If no server was ever started with it, take "${p.id}" out of \`generated\` in store.json.`,
    }),
    (p) => ({
      what: `${p.file} 不见了，但“${p.id}”此前已生成，服务器可能仍在使用。`,
      fix: `${wayOut.password.zh}若从未有服务器使用过它，可将“${p.id}”从 store.json 的 generated 中删去。`,
    }),
  ),
  SECRET_EXTERNAL_ABSENT: entry<{ id: string; file: string }>(
    "input",
    (p) => ({
      what: `the secret "${p.id}" is yours to provide, and ${p.file} does not exist or is empty.`,
      fix: "Write its value into that file (mode 0600, no newline at the end), then run this again.",
    }),
    (p) => ({
      what: `密钥“${p.id}”需由您提供，但 ${p.file} 不存在或为空。`,
      fix: "请将其值写入该文件（权限 0600，末尾无换行），然后重试。",
    }),
  ),
  SECRET_EXTERNAL_ROTATION: entry<{ id: string; file: string }>(
    "refused",
    (p) => ({
      what: `"${p.id}" is provided by you; mallstack never makes or changes it.`,
      fix: `Replace ${p.file} where it comes from, then run \`mall up\`.`,
    }),
    (p) => ({
      what: `“${p.id}”由您提供，mallstack 不会生成或修改它。`,
      fix: `请在其来源处更换 ${p.file}，然后运行 mall up。`,
    }),
  ),
  SECRET_UNKNOWN: entry<{ id: string; known: readonly string[] }>(
    "input",
    (p) => ({
      what: `this mall has no secret or certificate "${p.id}".`,
      fix: `It has: ${p.known.join(", ")}.`,
    }),
    (p) => ({ what: `本商城没有名为“${p.id}”的密钥或证书。`, fix: `现有：${p.known.join("、")}。` }),
  ),
  SECRET_ABSENT: entry<{ id: string; file: string }>(
    "operation",
    (p) => ({ what: `${p.file} does not exist: "${p.id}" was not made yet.`, fix: "Run `mall up` first." }),
    (p) => ({ what: `${p.file} 不存在：“${p.id}”尚未生成。`, fix: "请先运行 mall up。" }),
  ),
  SECRET_NOT_TO_A_PIPE: entry<{ id: string; file: string }>(
    "refused",
    (p) => ({
      what: `the value of "${p.id}" is printed to a terminal only, where no log keeps it.`,
      fix: `Let the program read ${p.file}.`,
    }),
    (p) => ({
      what: `“${p.id}”的值只会显示在终端上，以免被日志保存。`,
      fix: `请让程序读取 ${p.file}。`,
    }),
  ),
  SECRET_NOT_TAKEN: entry<{ id: string }>(
    "refused",
    (p) => ({
      what: `the servers were not seen to accept the new value of "${p.id}" yet; without the previous one they might accept none.`,
      fix: `Run \`mall up\`, then \`mall secrets rotate ${p.id}\` again: it goes on where it stopped.`,
    }),
    (p) => ({
      what: `尚未确认服务器已接受“${p.id}”的新值；若停用旧值，可能两者都不被接受。`,
      fix: `请先运行 mall up，再次运行 mall secrets rotate ${p.id} 即可从中断处继续。`,
    }),
  ),
  SECRET_NOT_ROTATING: entry<{ id: string }>(
    "refused",
    (p) => ({
      what: `no rotation of "${p.id}" is under way, so there is no previous value to drop.`,
      fix: "`mall secrets rotate` begins one.",
    }),
    (p) => ({
      what: `“${p.id}”没有正在进行的轮换，没有旧值可删除。`,
      fix: "用 mall secrets rotate 开始轮换。",
    }),
  ),
  AUTHORITY_EXPIRED: entry<{ file: string; notAfter: string }>(
    "operation",
    (p) => ({
      what: `the mall's CA in ${p.file} has expired on ${p.notAfter}: no certificate of it is accepted.`,
      fix: "Run `mall certs rotate --ca`.",
    }),
    (p) => ({
      what: `${p.file} 中的商城 CA 已于 ${p.notAfter} 过期，其签发的证书均不再被接受。`,
      fix: "请运行 mall certs rotate --ca。",
    }),
  ),
  SERVED_STALE: entry<{ instances: readonly string[]; seconds: number }>(
    "operation",
    (p) => ({
      what: `after ${p.seconds} s these do not serve their new certificate yet: ${p.instances.join(", ")}.`,
      fix: "Nothing is lost: run the same command again, it goes on from here. `mall events` shows what the agent tries.",
    }),
    (p) => ({
      what: `${p.seconds} 秒后以下实例仍未使用新证书：${p.instances.join("、")}。`,
      fix: "不会有任何损失：再次运行同一命令即可从此处继续。mall events 显示 agent 正在尝试什么。",
    }),
  ),
});
