/**
 * Every line of docs/requirements.md, and the step of the work in which its checks come. A test holds the three
 * against each other: the document, this list and the services' checks.
 */
import { type Text, text } from "../text.ts";

/** The step that this code has reached: lines of later ones are pending, never passed. */
export const currentStep = 3;

export interface Requirement {
  readonly id: string;
  /** What the plan says; the English is the document's own. */
  readonly says: Text;
  /** `later`: in none of the steps that are cut so far. */
  readonly step: number | "later";
  /** What of a line that has checks already is still to come. */
  readonly rest?: Text;
}

export const isPending = (requirement: Requirement): boolean =>
  requirement.step === "later" || requirement.step > currentStep;

const line = (id: string, step: Requirement["step"], en: string, zh: string): Requirement => ({
  id,
  step,
  says: text(en, zh),
});

const lines: readonly Requirement[] = [
  line("MY-1", 1, "MySQL 8.x", "MySQL 8.x"),
  line(
    "MY-2",
    1,
    "1 primary, 2 replicas, asynchronous to the plan, in Docker containers",
    "1 主 2 从，按方案异步复制，Docker 容器",
  ),
  line("MY-3", 1, "primary: binary log, server-id 1", "主库：二进制日志，server-id 1"),
  line("MY-4", 1, "replicas: server-id 2 and 3, read_only=1", "从库：server-id 2 和 3，read_only=1"),
  line("MY-5", 1, "buffer pool 50–70 % of memory", "缓冲池为内存的 50–70 %"),
  line("MY-6", 1, "query cache on", "启用查询缓存"),
  line("MY-7", 1, "max_connections tuned", "max_connections 已调优"),
  line("MY-8", "later", "XtraBackup, regular full backups", "XtraBackup，定期全量备份"),
  line("MY-9", "later", "replication as live backup", "以复制作为在线备份"),
  line("MY-10", "later", "Prometheus + Grafana metrics", "Prometheus + Grafana 指标"),
  line("MY-11", "later", "alert thresholds: connections, query latency", "告警阈值：连接数、查询延迟"),
  line("RE-1", 1, "Redis 6.x", "Redis 6.x"),
  line("RE-2", 1, "Cluster, 6 nodes, 3 masters + 3 replicas, containers", "集群，6 节点，3 主 3 从，容器"),
  line("RE-3", 1, "RDB and AOF both", "同时启用 RDB 与 AOF"),
  line("RE-4", 1, "allkeys-lru", "allkeys-lru"),
  line("RE-5", 1, "password", "密码"),
  line("RE-6", 1, "THP disabled", "禁用 THP"),
  line("RE-7", 1, "maxclients tuned", "maxclients 已调优"),
  line("RE-8", 1, "maxmemory by need", "按需设置 maxmemory"),
  line("RE-9", "later", "regular RDB backups", "定期 RDB 备份"),
  line("RE-10", "later", "backups in remote storage such as S3", "备份存于 S3 等远程存储"),
  line(
    "RE-11",
    "later",
    "redis_exporter, Prometheus, Grafana; memory, hit rate, connections",
    "redis_exporter、Prometheus、Grafana；内存、命中率、连接数",
  ),
  line("ES-1", 2, "7.x, 3 nodes, containers", "7.x，3 节点，容器"),
  line("ES-2", 2, "distinct roles master, data, ingest", "master、data、ingest 角色分离"),
  line("ES-3", 2, "X-Pack security on", "启用 X-Pack 安全"),
  line("ES-4", 2, "heap ≤ 32 GB, fitting", "堆内存 ≤ 32 GB 且合适"),
  line(
    "ES-5",
    "later",
    "snapshots enabled, dedicated repository, scheduled by snapshot API",
    "启用快照，专用仓库，通过快照 API 定时执行",
  ),
  line("ES-6", 2, "refresh_interval", "refresh_interval"),
  line("ES-7", 2, "sharding strategy", "分片策略"),
  line("ES-8", 2, "fielddata cache size", "fielddata 缓存大小"),
  line("ES-9", "later", "built-in monitoring, Kibana dashboards", "内置监控，Kibana 仪表盘"),
  line("ES-10", "later", "alerts: cluster status, JVM heap", "告警：集群状态、JVM 堆"),
  line("ES-11", 2, "(mall) Chinese full-text search", "（商城）中文全文检索"),
  line(
    "KA-1",
    2,
    "latest stable, 3 brokers + 3 ZooKeeper, containers",
    "最新稳定版，3 个 broker + 3 个 ZooKeeper，容器",
  ),
  line("KA-2", 2, "unique broker.id", "唯一的 broker.id"),
  line("KA-3", 2, "replication factor 3", "副本因子 3"),
  line("KA-4", 2, "auto-create topics", "自动创建主题"),
  line("KA-5", 2, "log retention policy", "日志保留策略"),
  line(
    "KA-6",
    2,
    "network/io threads, socket buffers, message.max.bytes",
    "网络/IO 线程、套接字缓冲、message.max.bytes",
  ),
  line("KA-7", "later", "MirrorMaker cross-cluster copy", "MirrorMaker 跨集群复制"),
  line("KA-8", "later", "regular ZooKeeper backups", "定期备份 ZooKeeper"),
  line("KA-9", "later", "Kafka Manager / Control Center", "Kafka Manager / Control Center"),
  line(
    "KA-10",
    "later",
    "JMX → Prometheus/Grafana; throughput, consumer lag",
    "JMX → Prometheus/Grafana；吞吐量、消费延迟",
  ),
  line("MI-1", 2, "latest stable, 4 nodes, distributed, containers", "最新稳定版，4 节点，分布式，容器"),
  line("MI-2", 2, "TLS", "TLS"),
  line("MI-3", 2, "access and secret keys", "访问密钥与私有密钥"),
  line("MI-4", 2, "versioning", "版本控制"),
  line("MI-5", 2, "quota", "配额"),
  line("MI-6", 2, "SSD, network, maximum concurrent uploads", "SSD、网络、最大并发上传数"),
  line("MI-7", "later", "cross-region replication", "跨区域复制"),
  line("MI-8", "later", "regular backup to external storage", "定期备份到外部存储"),
  line(
    "MI-9",
    "later",
    "Console; Prometheus/Grafana: usage, request rate, error rate",
    "控制台；Prometheus/Grafana：用量、请求率、错误率",
  ),
  line(
    "LV-1",
    3,
    "nginx with RTMP module, containers, several instances on Kubernetes, load-balanced",
    "带 RTMP 模块的 nginx，容器，Kubernetes 上多实例，负载均衡",
  ),
  line("LV-2", 3, "the plan's nginx configuration", "方案中的 nginx 配置"),
  line("LV-3", 3, "worker_processes / worker_connections", "worker_processes / worker_connections"),
  line("LV-4", 3, "gzip", "gzip"),
  line("LV-5", 3, "cache, buffers", "缓存与缓冲"),
  line("LV-6", 3, "CDN", "CDN"),
  line("LV-7", "later", "scale by viewers", "按观众数扩缩容"),
  line("LV-8", 3, "publish authorization", "推流鉴权"),
  line("LV-9", 3, "HTTPS", "HTTPS"),
  line("LV-10", 3, "hotlink protection: Referer + timestamp + signature", "防盗链：Referer + 时间戳 + 签名"),
  line(
    "LV-11",
    "later",
    "stub_status metrics; alerts on connections and traffic",
    "stub_status 指标；连接数与流量告警",
  ),
  line("LV-12", "later", "ELK logs", "ELK 日志"),
  line("LV-13", "later", "multi-region", "多区域"),
  line("LV-14", "later", "backup of configuration and important content", "备份配置与重要内容"),
  line("LV-15", 3, "auth service: publish and play", "鉴权服务：推流与播放"),
  line("LV-16", 3, "Kafka events", "Kafka 事件"),
  line("LV-17", 3, "replays in MinIO", "回放存入 MinIO"),
  line("LV-18", 3, "WebRTC ultra-low latency for auctions", "用于拍卖的 WebRTC 超低延迟"),
  line("LV-19", 3, "adaptive bitrate", "自适应码率"),
  line("LV-20", 3, "QUIC", "QUIC"),
  line("GE-1", "later", "all on Kubernetes", "全部运行在 Kubernetes 上"),
  line("GE-2", "later", "Helm charts", "Helm chart"),
  line("GE-3", "later", "RBAC", "RBAC"),
  line("GE-4", 1, "TLS between all services", "所有服务之间使用 TLS"),
  line("GE-5", "later", "PV / PVC", "PV / PVC"),
  line("GE-6", "later", "regular backups and disaster-recovery drills", "定期备份与灾难恢复演练"),
  line("GE-7", "later", "central logs (ELK)", "集中日志（ELK）"),
  line("GE-8", 1, "full monitoring: health checks, metrics, alerts", "全面监控：健康检查、指标、告警"),
];

/** Lines of which this step has a part only. */
const rests: Readonly<Record<string, Text>> = {
  "LV-17": text("search for replays in Elasticsearch", "在 Elasticsearch 中搜索回放"),
  "GE-8": text("metrics and alerts", "指标与告警"),
};

export const requirements: readonly Requirement[] = lines.map((one) => {
  const rest = rests[one.id];
  return rest === undefined ? one : { ...one, rest };
});
