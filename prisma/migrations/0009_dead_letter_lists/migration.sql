-- Facets and totals of a million dead letters: counted as they are stored, in few rows. '' = not conveyed. The key is a hash because
-- names from hostile headers are longer than an index takes.
CREATE TABLE "dead_letter_count" (
    "key" TEXT NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "failure_id" TEXT NOT NULL,
    "topic_id" INTEGER NOT NULL,
    "origin_topic" TEXT NOT NULL,
    "origin_group" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "dead_letter_count_pkey" PRIMARY KEY ("key")
) WITH (fillfactor = 50);

CREATE INDEX "dead_letter_count_failure_id_idx" ON "dead_letter_count"("failure_id");

INSERT INTO "dead_letter_count" ("key", "cluster_id", "failure_id", "topic_id", "origin_topic", "origin_group", "count")
SELECT md5(jsonb_build_array("failure_id", "topic_id", coalesce("origin_topic", ''), coalesce("origin_group", ''))::text), min("cluster_id"), "failure_id", "topic_id", coalesce("origin_topic", ''), coalesce("origin_group", ''), count(*)
FROM "dead_letter" WHERE "failure_id" IS NOT NULL GROUP BY 3, 4, 5, 6;

-- Words of a row that its failure does not have (ids, numbers, quoted values): what the failure has is searched there. Older rows get
-- theirs when they are grouped anew.
ALTER TABLE "dead_letter" ADD COLUMN "words" TSVECTOR;

CREATE INDEX "dead_letter_words_idx" ON "dead_letter" USING gin ("words") WITH (fastupdate = on);
