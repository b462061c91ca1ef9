-- Archive instead of replay: the intent (which rows, why, by whom) and one row for each dead letter it changed, which is its history and
-- says what it was before. Counts of lists are kept by the ingest, so how many of them are archived is kept beside them.
ALTER TABLE "dead_letter_count" ADD COLUMN "archived" BIGINT NOT NULL DEFAULT 0;

CREATE TABLE "archive" (
    "id" UUID NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "verb" TEXT NOT NULL,
    "selection" JSONB NOT NULL,
    "snapshot_seq" BIGINT NOT NULL,
    "selected" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "cursor_seq" BIGINT NOT NULL DEFAULT 0,
    "changed" BIGINT NOT NULL DEFAULT 0,
    "skipped_replaying" BIGINT NOT NULL DEFAULT 0,
    "skipped_settled" BIGINT NOT NULL DEFAULT 0,
    "finished_at" TIMESTAMPTZ(3),
    "idempotency_key" TEXT,
    "body_hash" BYTEA,

    CONSTRAINT "archive_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "archive_idempotency_key_key" ON "archive"("idempotency_key");

CREATE INDEX "archive_created_at_idx" ON "archive"("created_at" DESC);

CREATE INDEX "archive_open_idx" ON "archive"("created_at") WHERE "finished_at" IS NULL;

CREATE TABLE "archive_item" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "archive_id" UUID NOT NULL,
    "was" TEXT NOT NULL,

    CONSTRAINT "archive_item_pkey" PRIMARY KEY ("topic_id", "partition", "offset", "archive_id")
);

-- A replay that waits for its time, and one that a rule asked for.
ALTER TABLE "replay" ADD COLUMN "start_at" TIMESTAMPTZ(3), ADD COLUMN "start_by" TIMESTAMPTZ(3), ADD COLUMN "rule_id" UUID;

CREATE INDEX "replay_scheduled_idx" ON "replay"("start_at") WHERE "state" = 'scheduled';

CREATE INDEX "replay_rule_idx" ON "replay"("rule_id", "created_at") WHERE "rule_id" IS NOT NULL;

-- Two collectors that both believe they may: one of them cannot store its replay.
CREATE UNIQUE INDEX "replay_rule_open_key" ON "replay"("rule_id") WHERE "rule_id" IS NOT NULL AND "state" NOT IN ('finished', 'cancelled');

CREATE TABLE "replay_rule" (
    "id" UUID NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "failure_id" TEXT NOT NULL,
    "delay_seconds" INTEGER NOT NULL,
    "max_attempts" INTEGER NOT NULL,
    "max_per_hour" INTEGER NOT NULL,
    "stop_percent" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),
    "stopped_why" TEXT,
    "looked_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "replay_rule_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "replay_rule_failure_id_key" ON "replay_rule"("failure_id");
