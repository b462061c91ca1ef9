-- Records seen on retry topics that name what they came of: the proof that a replayed record is being retried, or that its retries ended.
CREATE TABLE "retry_record" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "ingested_at" TIMESTAMPTZ(3) NOT NULL,
    "written_at" TIMESTAMPTZ(3),
    "replay_ref" TEXT,
    "origin_topic" TEXT,
    "origin_partition" INTEGER,
    "origin_offset" BIGINT,
    "origin_group" TEXT,
    "error_class" TEXT,
    "error_message" TEXT,

    CONSTRAINT "retry_record_pkey" PRIMARY KEY ("topic_id", "partition", "offset")
);

CREATE INDEX "retry_record_replay_ref_idx" ON "retry_record"("replay_ref");

CREATE INDEX "retry_record_origin_topic_origin_partition_origin_offset_idx" ON "retry_record"("origin_topic", "origin_partition", "origin_offset");

CREATE INDEX "retry_record_ingested_at_idx" ON "retry_record"("ingested_at");
