-- What is wrong with the way events are written, read and passed on, and what is kept of sampled records to find it: hashes, sizes and times, never
-- their bytes.
CREATE TABLE "hygiene_finding" (
    "id" UUID NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "topic" TEXT NOT NULL DEFAULT '',
    "group_name" TEXT NOT NULL DEFAULT '',
    "service" TEXT NOT NULL DEFAULT '',
    "severity" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "sentence" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "examples" JSONB NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "detected_at" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),
    "muted_until" TIMESTAMPTZ(3),
    "muted_reason" TEXT,
    "muted_by" TEXT,
    "muted_at" TIMESTAMPTZ(3),

    CONSTRAINT "hygiene_finding_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "hygiene_finding_cluster_id_kind_topic_group_name_service_key" ON "hygiene_finding"("cluster_id", "kind", "topic", "group_name", "service");

CREATE INDEX "hygiene_finding_state_idx" ON "hygiene_finding"("state");

-- When each detector last looked at a cluster, and what it could not know.
CREATE TABLE "hygiene_look" (
    "cluster_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "looked_at" TIMESTAMPTZ(3) NOT NULL,
    "subjects" INTEGER NOT NULL,
    "unknown" TEXT,

    CONSTRAINT "hygiene_look_pkey" PRIMARY KEY ("cluster_id", "kind")
);

-- How far topics were sampled.
CREATE TABLE "hygiene_position" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "next_offset" BIGINT NOT NULL,

    CONSTRAINT "hygiene_position_pkey" PRIMARY KEY ("topic_id", "partition")
);

CREATE TABLE "hygiene_topic" (
    "topic_id" INTEGER NOT NULL,
    "sampled_at" TIMESTAMPTZ(3) NOT NULL,
    "sampled_end" BIGINT,
    "records" BIGINT NOT NULL DEFAULT 0,
    "passed_over" BIGINT NOT NULL DEFAULT 0,
    "error" TEXT,

    CONSTRAINT "hygiene_topic_pkey" PRIMARY KEY ("topic_id")
);

-- Fingerprints of sampled records of the last hour.
CREATE TABLE "hygiene_record" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "bytes" INTEGER NOT NULL,
    "id_hash" BIGINT,
    "key_hash" BIGINT,
    "payload_hash" BIGINT,
    "event_at_ms" BIGINT,
    "sequence_scope" BIGINT,
    "sequence" BIGINT,
    "correlated" BOOLEAN NOT NULL,
    "replayed" BOOLEAN NOT NULL,
    "marked" BOOLEAN,
    "trace_id" BYTEA,
    "span_id" BYTEA,

    CONSTRAINT "hygiene_record_pkey" PRIMARY KEY ("topic_id", "partition", "offset")
);

CREATE INDEX "hygiene_record_topic_id_at_idx" ON "hygiene_record"("topic_id", "at" DESC);

CREATE INDEX "hygiene_record_at_idx" ON "hygiene_record"("at");

-- What fields the events of a type have, and since when (lib/hygiene/learn-shape.ts).
CREATE TABLE "hygiene_shape" (
    "topic_id" INTEGER NOT NULL,
    "event_type" TEXT NOT NULL,
    "state" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "hygiene_shape_pkey" PRIMARY KEY ("topic_id", "event_type")
);
