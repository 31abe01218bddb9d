/** Errors of the sample shop, in the platform's own form: a code, what happened, what to do. */
import { defineErrors, entry } from "@mallstack/platform/src/errors.ts";

export const storefrontError = defineErrors("storefront", {
  CONNECT_UNREADABLE: entry<{ source: string; detail: string }>(
    "input",
    ({ source, detail }) => ({
      what: `the connection settings from ${source} cannot be used: ${detail}`,
      fix: "Start the mall with './mall up', or set MALL_CONNECT to what './mall connect --json' prints (or to a file of it).",
    }),
    ({ source, detail }) => ({
      what: `来自 ${source} 的连接信息无法使用:${detail}`,
      fix: "请先运行 './mall up',或将 MALL_CONNECT 设为 './mall connect --json' 的输出(或保存该输出的文件)。",
    }),
  ),
  ARGUMENT_WRONG: entry<{ detail: string }>(
    "input",
    ({ detail }) => ({
      what: `the arguments cannot be used: ${detail}`,
      fix: "'./mall storefront --help' shows what it takes.",
    }),
    ({ detail }) => ({ what: `参数无法使用:${detail}`, fix: "用法见 './mall storefront --help'。" }),
  ),
  NOT_LOADED: entry<{ database: string }>(
    "input",
    ({ database }) => ({
      what: `database '${database}' holds no finished shop`,
      fix: "Run './mall storefront load' first.",
    }),
    ({ database }) => ({
      what: `数据库 '${database}' 中没有完整的商城数据`,
      fix: "请先运行 './mall storefront load'。",
    }),
  ),
  OTHER_SHOP: entry<{ detail: string }>(
    "refused",
    ({ detail }) => ({
      what: `another shop is loaded already: ${detail}`,
      fix: "Run it again with '--fresh' to replace it; all of its orders are dropped then.",
    }),
    ({ detail }) => ({
      what: `已加载另一份商城数据:${detail}`,
      fix: "如需替换请加 '--fresh',原有订单会全部删除。",
    }),
  ),
  SCHEMA_NEWER: entry<{ found: number; known: number }>(
    "refused",
    ({ found, known }) => ({
      what: `the database has schema version ${found}, and this program knows up to ${known}`,
      fix: "Use the newer program that made it.",
    }),
    ({ found, known }) => ({
      what: `数据库结构版本为 ${found},本程序只支持到 ${known}`,
      fix: "请使用创建它的较新版本程序。",
    }),
  ),
  STORE_UNAVAILABLE: entry<{ what: string; waitedMs: number; detail: string }>(
    "operation",
    ({ what, waitedMs, detail }) => ({
      what: `${what} got no certain answer within ${waitedMs} ms; the last failure: ${detail}`,
      fix: "It may or may not have happened. Ask again with the same idempotency key: it then happens once.",
    }),
    ({ what, waitedMs, detail }) => ({
      what: `${what} 在 ${waitedMs} 毫秒内没有确定的结果;最后一次失败:${detail}`,
      fix: "该操作可能已执行,也可能没有。请用同一幂等键重试,它只会生效一次。",
    }),
  ),
  KEY_REUSED: entry<{ key: string }>(
    "input",
    ({ key }) => ({
      what: `idempotency key ${key} was used for another request`,
      fix: "Each new request needs a key of its own; only a retry of the same one keeps it.",
    }),
    ({ key }) => ({
      what: `幂等键 ${key} 已被另一个请求使用`,
      fix: "每个新请求使用新的幂等键,只有重试同一请求时才沿用原来的键。",
    }),
  ),
  PORT_TAKEN: entry<{ port: number }>(
    "input",
    ({ port }) => ({
      what: `port ${port} of the loopback interface cannot be used: another program has it, or it is below 1024`,
      fix: "Name another one with '--port'; 0 takes any that is free.",
    }),
    ({ port }) => ({
      what: `本机回环地址的端口 ${port} 不可用：已被其他程序占用，或小于 1024`,
      fix: "请用 '--port' 指定其他端口；0 表示任选空闲端口。",
    }),
  ),
  REPLICA_BEHIND: entry<{ server: string; waitedMs: number }>(
    "operation",
    ({ server, waitedMs }) => ({
      what: `replica ${server} had not applied the primary's transactions after ${waitedMs} ms`,
      fix: "'./mall status' says whether its replication runs; run the check again when it does.",
    }),
    ({ server, waitedMs }) => ({
      what: `从库 ${server} 在 ${waitedMs} 毫秒后仍未追上主库`,
      fix: "用 './mall status' 查看复制是否正常,恢复后再次检查。",
    }),
  ),
});
