-- Roll-up of the minutes for charts of weeks: minutes live days, hours as long as charts are kept. As with minutes, an hour in which
-- nothing about a group changed has no row.
CREATE TABLE "group_lag_hour" (
    "group_id" INTEGER NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "lag_max" BIGINT,
    "lag_last" BIGINT,
    "lag_seconds_max" DOUBLE PRECISION,
    "lag_seconds_last" DOUBLE PRECISION,
    "lag_seconds_quality" TEXT,
    "produced_per_second" DOUBLE PRECISION,
    "consumed_per_second" DOUBLE PRECISION,
    "status" TEXT NOT NULL,
    "unknown_partitions" INTEGER NOT NULL DEFAULT 0,
    "member_count" INTEGER,

    CONSTRAINT "group_lag_hour_pkey" PRIMARY KEY ("group_id","hour")
) PARTITION BY RANGE ("hour");

-- Which hours are rolled up, and when that was last done: written in the transaction that writes the rows.
CREATE TABLE "lag_rollup" (
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "rolled_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lag_rollup_pkey" PRIMARY KEY ("hour")
);

-- What people and pipelines say about a moment: a deploy, a change of settings. group_id NULL: of the whole cluster.
CREATE TABLE "marker" (
    "id" UUID NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "group_id" INTEGER,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "text" TEXT NOT NULL,
    "author" TEXT NOT NULL,

    CONSTRAINT "marker_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "marker_cluster_id_at_idx" ON "marker"("cluster_id", "at");

-- When a service was first heard of with these attributes: another service.version is a deploy. NULL: before this was noted.
ALTER TABLE "resource" ADD COLUMN "first_seen_at" TIMESTAMPTZ(3);
ALTER TABLE "resource" ALTER COLUMN "first_seen_at" SET DEFAULT CURRENT_TIMESTAMP;
CREATE INDEX "resource_service_first_seen_at_idx" ON "resource"("service", "first_seen_at");
