-- Samples older than two hours: one compressed block a partition and hour.
CREATE TABLE "topic_offset_block" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "packed" BYTEA NOT NULL,

    CONSTRAINT "topic_offset_block_pkey" PRIMARY KEY ("topic_id","partition","hour")
) PARTITION BY RANGE ("hour");

CREATE TABLE "group_commit_block" (
    "group_id" INTEGER NOT NULL,
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "packed" BYTEA NOT NULL,

    CONSTRAINT "group_commit_block_pkey" PRIMARY KEY ("group_id","topic_id","partition","hour")
) PARTITION BY RANGE ("hour");

-- How far the folding of an hour has come: written in the transaction that writes its blocks.
CREATE TABLE "offset_fold" (
    "kind" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "last_id" INTEGER NOT NULL DEFAULT 0,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "offset_fold_pkey" PRIMARY KEY ("kind","hour")
);

-- Current figures of a group, derived from its partitions by whoever collected them: a list of thousands of groups adds up nothing.
CREATE TABLE "group_figures" (
    "group_id" INTEGER NOT NULL,
    "lag" BIGINT,
    "lost" BIGINT NOT NULL DEFAULT 0,
    "oldest_at" TIMESTAMPTZ(3),
    "oldest_quality" TEXT,
    "partitions" INTEGER NOT NULL DEFAULT 0,
    "partitions_behind" INTEGER NOT NULL DEFAULT 0,
    "partitions_unknown" INTEGER NOT NULL DEFAULT 0,
    "partitions_uncommitted" INTEGER NOT NULL DEFAULT 0,
    "topics_behind" INTEGER NOT NULL DEFAULT 0,
    "topic_ids" INTEGER[],
    "produced_per_second" DOUBLE PRECISION,
    "consumed_per_second" DOUBLE PRECISION,

    CONSTRAINT "group_figures_pkey" PRIMARY KEY ("group_id")
) WITH (fillfactor = 45);

-- Which minutes of a cluster were read at all: a group without a row in such a minute is as it was, in any other it is not known.
CREATE TABLE "cluster_minute" (
    "cluster_id" INTEGER NOT NULL,
    "minute" TIMESTAMPTZ(0) NOT NULL,

    CONSTRAINT "cluster_minute_pkey" PRIMARY KEY ("cluster_id","minute")
);

-- Rows that are written again each cycle: room for the next version on the same page (HOT), so that neither table nor index grows.
ALTER TABLE "group_partition_offset" SET (fillfactor = 45, autovacuum_vacuum_scale_factor = 0.5);
ALTER TABLE "topic_partition_offset" SET (fillfactor = 45, autovacuum_vacuum_scale_factor = 0.5);
ALTER TABLE "consumer_group" SET (fillfactor = 70);
ALTER TABLE "cluster" SET (fillfactor = 20);
