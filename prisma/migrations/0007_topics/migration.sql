-- What changes seldom about a topic, one row a topic: written by the topics collector, and only where something changed.
CREATE TABLE "topic_facts" (
    "topic_id" INTEGER NOT NULL,
    "config" JSONB,
    "config_error" TEXT,
    "replicas" JSONB NOT NULL DEFAULT '[]',
    "in_sync_replicas" JSONB NOT NULL DEFAULT '[]',
    "under_replicated" INTEGER NOT NULL DEFAULT 0,
    "offline" INTEGER NOT NULL DEFAULT 0,
    "size_bytes" BIGINT,
    "partition_bytes" BIGINT[],
    "size_error" TEXT,
    "end_total" BIGINT,
    "end_at" TIMESTAMPTZ(3),
    "produced_per_second" DOUBLE PRECISION,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "topic_facts_pkey" PRIMARY KEY ("topic_id")
) WITH (fillfactor = 70);

-- Services whose spans say that they wrote to a topic. cluster_id 0: the span did not say which cluster.
CREATE TABLE "topic_producer" (
    "topic" TEXT NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "service" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "topic_producer_pkey" PRIMARY KEY ("topic", "cluster_id", "service")
);
