-- Approval of a replay by a second person: nothing is claimed or sent before it.
ALTER TABLE "replay" ADD COLUMN "approval_until" TIMESTAMPTZ(3),
  ADD COLUMN "approval_digest" TEXT,
  ADD COLUMN "decision" TEXT,
  ADD COLUMN "decided_by" TEXT,
  ADD COLUMN "decided_at" TIMESTAMPTZ(3);

-- What an edited replay sends. Stored with the intent, so that a crash at any point finds the same bytes; the dead letter's own stay as they are.
CREATE TABLE "replay_edit" (
    "replay_id" UUID NOT NULL,
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "changed" TEXT[],
    "edited_by" TEXT NOT NULL,
    "original_sha256" BYTEA,
    "edited_sha256" BYTEA,
    "schema_id" INTEGER,
    "stored" BOOLEAN NOT NULL DEFAULT true,
    "key" BYTEA,
    "value" BYTEA,
    "header_names" BYTEA[],
    "header_values" BYTEA[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "replay_edit_pkey" PRIMARY KEY ("replay_id")
);
CREATE INDEX "replay_edit_topic_id_partition_offset_idx" ON "replay_edit"("topic_id", "partition", "offset");
