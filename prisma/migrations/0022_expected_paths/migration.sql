-- What journeys that begin on one topic usually do. One row an entry type: what is learned is sums in JSON, read and written whole.
CREATE TABLE "expected_path" (
    "entry_type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "journeys" INTEGER NOT NULL,
    "learning" JSONB NOT NULL,
    "path" JSONB NOT NULL,
    "learned_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "expected_path_pkey" PRIMARY KEY ("entry_type")
);

-- Versions that are over, as they were.
CREATE TABLE "expected_path_version" (
    "entry_type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "why" TEXT NOT NULL,
    "shift" JSONB NOT NULL,
    "path" JSONB NOT NULL,

    CONSTRAINT "expected_path_version_pkey" PRIMARY KEY ("entry_type","version")
);

-- What people said of a step: it outlives learning and versions.
CREATE TABLE "expected_step_edit" (
    "entry_type" TEXT NOT NULL,
    "step_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "service" TEXT,
    "group_name" TEXT,
    "topic" TEXT,
    "requirement" TEXT NOT NULL,
    "edited_by" TEXT NOT NULL,
    "edited_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "expected_step_edit_pkey" PRIMARY KEY ("entry_type","step_id")
);

-- How each journey stands to its path. A table of its own: rows of journey are written far more often than this changes.
CREATE TABLE "journey_deviation" (
    "journey_id" UUID NOT NULL,
    "entry_type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "expected" INTEGER NOT NULL,
    "done" INTEGER NOT NULL,
    "missing" TEXT[],
    "broken_off" TEXT[],
    "missed_at" TIMESTAMPTZ(3),
    "extra" INTEGER NOT NULL,
    "slow_step" TEXT,
    "slow_over_ms" DOUBLE PRECISION,

    CONSTRAINT "journey_deviation_pkey" PRIMARY KEY ("journey_id")
);

-- Most journeys miss nothing: the index holds only those that do.
CREATE INDEX "journey_deviation_missed_idx" ON "journey_deviation"("entry_type", "missed_at") WHERE "missed_at" IS NOT NULL;
