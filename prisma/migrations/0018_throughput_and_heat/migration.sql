-- Records written between two readings of all end offsets of a cluster: in all, and of the topics with most of them. The overview's
-- throughput by topic is drawn from it. Readings of a minute become one row an hour after a day.
CREATE TABLE "cluster_throughput" (
    "cluster_id" INTEGER NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "seconds" DOUBLE PRECISION NOT NULL,
    "records" BIGINT NOT NULL,
    "unknown_topics" INTEGER NOT NULL,
    "topic_ids" INTEGER[],
    "topic_records" BIGINT[],

    CONSTRAINT "cluster_throughput_pkey" PRIMARY KEY ("cluster_id","until")
);

-- Lag of each partition of a group in one hour (highest and last), with the offsets it stood at: made of the blocks of that hour, which are too
-- many to be read for a strip of weeks. An hour in which nothing moved has no row.
CREATE TABLE "group_heat_hour" (
    "group_id" INTEGER NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "packed" BYTEA NOT NULL,

    CONSTRAINT "group_heat_hour_pkey" PRIMARY KEY ("group_id","hour")
) PARTITION BY RANGE ("hour");
