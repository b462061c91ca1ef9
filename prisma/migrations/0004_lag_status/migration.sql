-- What a status is judged from survives a restart; what holds a partition back is kept where the screen can read it.

ALTER TABLE "consumer_group" ADD COLUMN "known_status" TEXT,
ADD COLUMN "known_since" TIMESTAMPTZ(3),
ADD COLUMN "rebalancing_since" TIMESTAMPTZ(3);

ALTER TABLE "group_partition_offset" ADD COLUMN "end_at_commit" BIGINT,
ADD COLUMN "watched_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

ALTER TABLE "topic" ADD COLUMN "transactions_seen_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "blocked_partition" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "last_stable_offset" BIGINT NOT NULL,
    "blocked_since" TIMESTAMPTZ(3) NOT NULL,
    "asked_at" TIMESTAMPTZ(3),
    "transactions" JSONB NOT NULL DEFAULT '[]',
    "error" TEXT,

    CONSTRAINT "blocked_partition_pkey" PRIMARY KEY ("topic_id","partition")
);

-- CreateTable
CREATE TABLE "group_event" (
    "group_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "joined" INTEGER,
    "left" INTEGER,

    CONSTRAINT "group_event_pkey" PRIMARY KEY ("group_id","at","kind")
);

-- CreateIndex
CREATE INDEX "group_event_at_idx" ON "group_event"("at");
