-- What goes from where to where, for the map: a service that sends to a topic, a consumer that handles its records. Named once, because the
-- figures of a minute are a row for each. The key is a hash: names come from spans and may be longer than an index takes.
CREATE TABLE "hop_way" (
    "id" SERIAL NOT NULL,
    "key" BYTEA NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "group_name" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "hop_way_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "hop_way_key_key" ON "hop_way"("key");

-- Each hop counts once, in the minute in which it began. Times are histograms that add up by joining their bytes (lib/journey/time-histogram.ts).
CREATE TABLE "hop_minute" (
    "minute" TIMESTAMPTZ(0) NOT NULL,
    "way_id" INTEGER NOT NULL,
    "hops" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "failed_attempts" INTEGER NOT NULL,
    "dead_letters" INTEGER NOT NULL,
    "uncertain" INTEGER NOT NULL,
    "queue" BYTEA NOT NULL,
    "processing" BYTEA NOT NULL,

    CONSTRAINT "hop_minute_pkey" PRIMARY KEY ("minute","way_id")
) PARTITION BY RANGE ("minute");

-- The same by hour, with a journey that went this way last and the last one that failed there.
CREATE TABLE "hop_hour" (
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "way_id" INTEGER NOT NULL,
    "hops" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "failed_attempts" INTEGER NOT NULL,
    "dead_letters" INTEGER NOT NULL,
    "uncertain" INTEGER NOT NULL,
    "queue" BYTEA NOT NULL,
    "processing" BYTEA NOT NULL,
    "journey_id" UUID,
    "failed_journey_id" UUID,

    CONSTRAINT "hop_hour_pkey" PRIMARY KEY ("hour","way_id")
) PARTITION BY RANGE ("hour");

-- What a journey has added to these figures: taken back before it is counted anew.
ALTER TABLE "journey" ADD COLUMN "counted" BYTEA;
