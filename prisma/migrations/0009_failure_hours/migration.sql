-- New dead letters of a failure by the hour they arrived: its trend, without a look at its rows. The last day is counted once here.
CREATE TABLE "failure_hour" (
    "failure_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "failure_hour_pkey" PRIMARY KEY ("failure_id", "hour")
) WITH (fillfactor = 50);

CREATE INDEX "failure_hour_hour_idx" ON "failure_hour"("hour");

INSERT INTO "failure_hour" ("failure_id", "hour", "count")
SELECT "failure_id", date_trunc('hour', "ingested_at"), count(*) FROM "dead_letter"
WHERE "failure_id" IS NOT NULL AND "ingested_at" > now() - interval '25 hours' GROUP BY 1, 2;
