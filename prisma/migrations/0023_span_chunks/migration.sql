-- What no column holds of the spans of one commit, compressed together: attribute by attribute it repeats from span to span, and is read only
-- when a person opens one. A span's row names its chunk and its place there; rows from before have `attributes` of their own.
CREATE TABLE "span_chunk" (
    "day" DATE NOT NULL,
    "id" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "span_chunk_pkey" PRIMARY KEY ("day","id")
) PARTITION BY RANGE ("day");

-- It is compressed already.
ALTER TABLE "span_chunk" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- A receiver takes 1,024 ids at a time. Four billion of them are more than two days hold: the day is in the key.
CREATE SEQUENCE "span_chunk_ids" AS INTEGER INCREMENT BY 1024 MINVALUE -2147483648 MAXVALUE 2147483647 START WITH -2147483648 CYCLE;

ALTER TABLE "span" ADD COLUMN "chunk" INTEGER, ADD COLUMN "place" SMALLINT;

ALTER TABLE "span" ALTER COLUMN "resource_id" DROP NOT NULL, ALTER COLUMN "received_at" DROP NOT NULL;
