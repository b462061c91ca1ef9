-- Room for two whole versions of every row of a page, also once its columns are all filled: at 45 % the second did not fit, and each update that
-- leaves its page is a new index entry. Measured by bench/lag-growth.ts.
ALTER TABLE "group_partition_offset" SET (fillfactor = 30);
ALTER TABLE "topic_partition_offset" SET (fillfactor = 30);
ALTER TABLE "group_figures" SET (fillfactor = 30);
ALTER TABLE "consumer_group" SET (fillfactor = 30);
