-- Share groups acknowledge records one by one: what is done beyond the start offset is no lag. A constant default changes no row on disk.

ALTER TABLE "group_partition_offset" ADD COLUMN "acknowledged_ahead" BIGINT NOT NULL DEFAULT 0;
