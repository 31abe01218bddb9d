/**
 * Every verb: its name, its summary, and how to load it. Nothing heavy may be imported here: `mall --help` is this
 * file printed. A new verb is one entry and one file in `commands/` (below a common word: `commands/<word>/`).
 */
import { text } from "../text.ts";
import type { VerbSection } from "./verb.ts";
import { liveVerbs } from "./verbs-live.ts";
import { storefrontVerbs } from "./verbs-storefront.ts";

export const sections: readonly VerbSection[] = [
  {
    title: text("Run the mall", "运行商城"),
    entries: [
      {
        name: "up",
        summary: text("Bring the mall up, or what changed of it; prove it", "启动商城或应用变化，并加以证明"),
        load: () => import("./commands/up.ts"),
      },
      {
        name: "down",
        summary: text("Stop it; the data stays unless --volumes", "停止商城；不加 --volumes 则保留数据"),
        load: () => import("./commands/down.ts"),
      },
      {
        name: "restart",
        summary: text("Restart a service or an instance, rolling", "滚动重启一个服务或实例"),
        load: () => import("./commands/restart.ts"),
      },
      {
        name: "upgrade",
        summary: text("Take newer images, or go back to the last ones", "升级镜像，或退回上一版本"),
        load: () => import("./commands/upgrade.ts"),
      },
    ],
  },
  {
    title: text("See how it is", "查看状态"),
    entries: [
      {
        name: "status",
        summary: text("Containers, roles, and what the agent has to do", "容器、角色与 agent 的待办操作"),
        load: () => import("./commands/status.ts"),
      },
      {
        name: "logs",
        summary: text("Logs of servers", "查看服务日志"),
        load: () => import("./commands/logs.ts"),
      },
      {
        name: "events",
        summary: text("What the agent did and why", "agent 做了什么，为什么"),
        load: () => import("./commands/events.ts"),
      },
      {
        name: "verify",
        summary: text("Hold it against the requirements", "对照要求逐条检查"),
        load: () => import("./commands/verify.ts"),
      },
    ],
  },
  {
    title: text("Use it", "使用服务"),
    entries: [
      {
        name: "connect",
        summary: text("Settings for a client of a service", "输出客户端连接设置"),
        load: () => import("./commands/connect.ts"),
      },
      {
        name: "sql",
        summary: text("Open the mysql client", "打开 mysql 客户端"),
        load: () => import("./commands/sql.ts"),
      },
      {
        name: "redis",
        summary: text("Open redis-cli", "打开 redis-cli"),
        load: () => import("./commands/redis.ts"),
      },
      {
        name: "kafka",
        summary: text("Kafka's own tools", "打开 Kafka 自带工具"),
        load: () => import("./commands/kafka.ts"),
      },
      {
        name: "es",
        summary: text("A request to Elasticsearch", "向 Elasticsearch 发送请求"),
        load: () => import("./commands/es.ts"),
      },
      {
        name: "s3",
        summary: text("Run mc on MinIO", "运行 mc 操作 MinIO"),
        load: () => import("./commands/s3.ts"),
      },
      liveVerbs,
      storefrontVerbs,
    ],
  },
  {
    title: text("Describe it", "描述商城"),
    entries: [
      {
        name: "render",
        summary: text("Write what would run, as files", "将要运行的内容写成文件"),
        verbs: [
          {
            name: "compose",
            summary: text("A folder for docker compose", "供 docker compose 使用的目录"),
            load: () => import("./commands/render/compose.ts"),
          },
          {
            name: "helm",
            summary: text("A Helm chart", "Helm chart"),
            load: () => import("./commands/render/helm.ts"),
          },
          {
            name: "all",
            summary: text("Both", "两者"),
            load: () => import("./commands/render/all.ts"),
          },
        ],
      },
      {
        name: "spec",
        summary: text("Write, check and explain mall.yaml", "生成、检查和解释 mall.yaml"),
        verbs: [
          {
            name: "init",
            summary: text("Write a commented mall.yaml", "生成带注释的 mall.yaml"),
            load: () => import("./commands/spec/init.ts"),
          },
          {
            name: "check",
            summary: text(
              "Check mall.yaml and the rules, without starting anything",
              "检查 mall.yaml 和规则，不启动任何服务",
            ),
            load: () => import("./commands/spec/check.ts"),
          },
          {
            name: "explain",
            summary: text(
              "Every setting in effect, its source and meaning",
              "列出每项设置的生效值、来源和含义",
            ),
            load: () => import("./commands/spec/explain.ts"),
          },
          {
            name: "schema",
            summary: text("Print the JSON schema for editors", "输出供编辑器使用的 JSON Schema"),
            load: () => import("./commands/spec/schema.ts"),
          },
        ],
      },
    ],
  },
  {
    title: text("Certificates and secrets", "证书与密钥"),
    entries: [
      {
        name: "certs",
        summary: text("Certificates of the servers, and the CA", "服务器证书与 CA"),
        verbs: [
          {
            name: "list",
            summary: text(
              "Names, signer, days left, whether it is served",
              "名称、签发者、剩余天数及使用情况",
            ),
            load: () => import("./commands/certs/list.ts"),
          },
          {
            name: "rotate",
            summary: text("New certificates, or a new CA, under traffic", "在线更换证书或 CA"),
            load: () => import("./commands/certs/rotate.ts"),
          },
        ],
      },
      {
        name: "secrets",
        summary: text("Passwords of the mall's users", "商城用户的密码"),
        verbs: [
          {
            name: "init",
            summary: text("Make what is missing", "生成缺少的内容"),
            load: () => import("./commands/secrets/init.ts"),
          },
          {
            name: "list",
            summary: text("Who holds what", "查看各密码的持有者"),
            load: () => import("./commands/secrets/list.ts"),
          },
          {
            name: "show",
            summary: text("Where one is; its value to a terminal", "查看位置；可在终端显示值"),
            load: () => import("./commands/secrets/show.ts"),
          },
          {
            name: "rotate",
            summary: text("A new value beside the previous one", "生成新值，旧值暂时并存"),
            load: () => import("./commands/secrets/rotate.ts"),
          },
          {
            name: "finish",
            summary: text("Drop the previous value", "停用旧值"),
            load: () => import("./commands/secrets/finish.ts"),
          },
        ],
      },
    ],
  },
  {
    title: text("This machine", "本机"),
    entries: [
      {
        name: "images",
        summary: text("What the mall's containers run", "商城容器所用的镜像"),
        verbs: [
          {
            name: "build",
            summary: text("Build what is missing", "构建缺少的镜像"),
            load: () => import("./commands/images/build.ts"),
          },
          {
            name: "list",
            summary: text("Versions, sizes, ways back", "版本、大小及可回退的镜像"),
            load: () => import("./commands/images/list.ts"),
          },
          {
            name: "lock",
            summary: text("Every package inside, with its licences", "镜像内的软件包及其许可证"),
            load: () => import("./commands/images/lock.ts"),
          },
          {
            name: "prune",
            summary: text("Remove what no mall needs any more", "删除不再需要的镜像"),
            load: () => import("./commands/images/prune.ts"),
          },
        ],
      },
      {
        name: "doctor",
        summary: text("What this machine lacks, and what to do", "检查本机欠缺什么以及如何处理"),
        load: () => import("./commands/doctor.ts"),
      },
      {
        name: "engine",
        summary: text("The Docker Engine that the mall runs on", "商城所用的 Docker 引擎"),
        verbs: [
          {
            name: "start",
            summary: text("Find it, or start a private one", "查找引擎，或启动私有引擎"),
            load: () => import("./commands/engine/start.ts"),
          },
          {
            name: "stop",
            summary: text("Stop the private engine", "停止私有引擎"),
            load: () => import("./commands/engine/stop.ts"),
          },
          {
            name: "status",
            summary: text("Which engine is used, and how it is", "查看所用引擎及其状态"),
            load: () => import("./commands/engine/status.ts"),
          },
        ],
      },
      {
        name: "test",
        summary: text("Run mallstack's own tests", "运行 mallstack 自身的测试"),
        load: () => import("./commands/test.ts"),
      },
      {
        name: "bench",
        summary: text("Measure the figures of the README", "测量 README 中的指标"),
        load: () => import("./commands/bench.ts"),
      },
      {
        name: "completion",
        summary: text("Print the completion script of a shell", "输出命令行补全脚本"),
        load: () => import("./commands/completion.ts"),
      },
    ],
  },
];
