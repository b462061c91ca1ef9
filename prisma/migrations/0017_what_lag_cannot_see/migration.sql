-- What a group's members read and Waybill has no right to see; when its last member left; what became of commits that are gone.
ALTER TABLE "consumer_group" ADD COLUMN "hidden" JSONB, ADD COLUMN "memberless_since" TIMESTAMPTZ(3), ADD COLUMN "ended" JSONB;
-- Partitions whose newest timestamp a producer with a wrong clock set.
ALTER TABLE "topic_facts" ADD COLUMN "clocks" JSONB;
