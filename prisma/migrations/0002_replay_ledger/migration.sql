-- What is written for each replayed record, and nothing more: an item enters the indices of its later life when it gets there.
-- (Partial indices are unknown to schema.prisma.)

-- Only sent items have a place in the target.
DROP INDEX "replay_item_target_topic_sent_partition_sent_offset_idx";
CREATE INDEX "replay_item_sent_idx" ON "replay_item"("target_topic", "sent_partition", "sent_offset") WHERE "sent_offset" IS NOT NULL;

-- Outcomes are followed of what was sent, not of what is still claimed.
DROP INDEX "replay_item_unsettled_idx";
CREATE INDEX "replay_item_unsettled_idx" ON "replay_item"("replay_id") WHERE "final" AND NOT "settled";

-- Most dead letters never came of a replay.
DROP INDEX "dead_letter_replay_ref_idx";
CREATE INDEX "dead_letter_replay_ref_idx" ON "dead_letter"("replay_ref") WHERE "replay_ref" IS NOT NULL;
