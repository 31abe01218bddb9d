import { defineErrors, entry } from "./errors.ts";

/** Errors of the state directory and of its locks. */
export const stateError = defineErrors("state", {
  STATE_UNWRITABLE: entry<{ path: string; cause: string }>(
    "machine",
    (p) => ({
      what: `${p.path} cannot be written: ${p.cause}.`,
      fix: "Make it writable for this user, free space there, or name another folder in MALL_HOME.",
    }),
    (p) => ({
      what: `无法写入 ${p.path}：${p.cause}。`,
      fix: "请让当前用户可写该路径、释放磁盘空间，或用 MALL_HOME 指定其他目录。",
    }),
  ),
  LOCK_UNAVAILABLE: entry<{ path: string; cause: string }>(
    "machine",
    (p) => ({
      what: `the lock ${p.path} could not be taken: ${p.cause}.`,
      fix: "The program 'flock' of util-linux must be on the PATH (Debian: apt-get install util-linux).",
    }),
    (p) => ({
      what: `无法取得锁 ${p.path}：${p.cause}。`,
      fix: "PATH 中必须有 util-linux 的 flock 程序（Debian：apt-get install util-linux）。",
    }),
  ),
  LOCK_HELD: entry<{ path: string; owner: string; waitedSeconds: number }>(
    "refused",
    (p) => ({
      what: `${p.owner} holds ${p.path}; waited ${p.waitedSeconds} s.`,
      fix: "Wait until it ends, or end it, then run this again.",
    }),
    (p) => ({
      what: `${p.owner} 正占用 ${p.path}；已等待 ${p.waitedSeconds} 秒。`,
      fix: "请等待其结束或终止它，然后重试。",
    }),
  ),
});
